import { type LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { errorCode } from '../../common/error-code';

/** Of one question to one name server; a callback is tried again later. */
const ANSWER_WITHIN_MS = 2_000;

/** What a name server answers that has no such address. */
const UNKNOWN_CODES: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

/**
 * Looks up the names of receivers. Name servers are asked directly: the system's look-up has two threads for the
 * whole process, which a caller could keep busy with names that nobody answers for, until neither other receivers nor
 * RabbitMQ, PostgreSQL and Redis are found any more.
 */
export class CallbackNames {
  /** Look-ups of the system, one after the other. */
  private lookups: Promise<unknown> = Promise.resolve();

  /** @param asksSystem whether names that only this machine knows, as in `/etc/hosts`, are looked up as well */
  constructor(
    private readonly asksSystem: boolean,
    private readonly resolver: Resolver = new Resolver({ timeout: ANSWER_WITHIN_MS, tries: 1 }),
  ) {}

  /**
   * All addresses of a name.
   *
   * @throws what the name server or the system answered, or that there was no answer in time
   */
  async resolve(hostname: string): Promise<readonly LookupAddress[]> {
    const [four, six] = await Promise.allSettled([
      this.resolver.resolve4(hostname),
      this.resolver.resolve6(hostname),
    ]);
    const addresses = [...asAddresses(four, 4), ...asAddresses(six, 6)];
    if (addresses.length > 0 || four.status === 'fulfilled') return addresses;
    if (!this.asksSystem || !UNKNOWN_CODES.has(errorCode(four.reason))) throw four.reason;
    const found = this.lookups.then(() => lookup(hostname, { all: true }));
    this.lookups = found.catch(() => undefined);
    return found;
  }
}

function asAddresses(answer: PromiseSettledResult<readonly string[]>, family: 4 | 6): LookupAddress[] {
  return answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];
}
