import { type ServerResponse } from 'node:http';
import { findClientAddress } from '../common/http/find-client-address';
import { groupAddress } from '../common/http/group-address';
import { type Identity } from '../common/http/identity';
import { ProblemException } from '../common/http/problem';
import { sendProblem } from '../common/http/send-problem';
import { type ServiceRequest } from '../common/http/service-request';
import { type RateLimitConfiguration } from '../config/configuration';
import { isExempt } from './is-exempt';
import { type MemoryRateLimitStore } from './memory-rate-limit-store';
import { type Allowance, type RateLimitStore } from './rate-limit-store';

/** Who is counted: a caller by name, or an address when nobody knows the caller. */
type Party = 'caller' | 'address';

/**
 * How many times the limit an address may send with credentials that turn out wrong. Above 1, so that one
 * who guesses cannot lock out those who share the address: their requests are counted by name.
 */
const CREDENTIAL_ALLOWANCE = 10;

/**
 * Counts requests, and refuses those beyond the limit with 429.
 *
 * A caller with a valid credential is counted by name, wherever it comes from; all others by their address.
 * An address is asked before anything else is done, and gets back what a known caller was then counted for.
 */
export class RateLimits {
  private readonly policies: Readonly<Record<Party, string>>;

  /**
   * @param limit undefined: nobody is counted
   * @param identifies whether callers can become known at all
   * @param addresses counts in this process, because a flood must not cost a round trip
   * @param callers may be shared between processes
   */
  constructor(
    private readonly limit: RateLimitConfiguration | undefined,
    private readonly identifies: boolean,
    private readonly addresses: MemoryRateLimitStore,
    private readonly callers: RateLimitStore,
  ) {
    const quota = limit === undefined ? '' : `q=${limit.requests};w=${limit.windowSeconds}`;
    this.policies = { caller: `"caller";${quota}`, address: `"address";${quota}` };
  }

  /**
   * Counts a request by its address, before routing.
   *
   * @returns false when it has been refused
   */
  admitAddress(request: ServiceRequest, response: ServerResponse): boolean {
    const { limit } = this;
    if (limit === undefined || isExempt(request.url)) return true;
    const mayBeKnown = this.identifies && bringsCredential(request);
    const most = mayBeKnown ? limit.requests * CREDENTIAL_ALLOWANCE : limit.requests;
    const allowance = this.addresses.take(readAddress(request), 1, most);
    if (allowance.granted) {
      if (!mayBeKnown) this.tell('address', allowance, response);
      return true;
    }
    const problem = this.refuse('address', 1, limit, { ...allowance, remaining: 0 });
    this.tell('address', { ...allowance, remaining: 0 }, response);
    sendProblem(response, { ...problem.document, requestId: request.requestId }, problem.options.headers);
    return false;
  }

  /**
   * Counts a request by its caller, when the caller is known.
   *
   * @throws {ProblemException} 429
   */
  admitCaller(request: ServiceRequest, response: ServerResponse): true | Promise<true> {
    const { identity } = request;
    if (this.limit === undefined || !isKnown(identity) || isExempt(request.originalUrl)) return true;
    this.addresses.giveBack(readAddress(request), 1);
    return this.charge(request, response, 1);
  }

  /**
   * Counts what a request asks for beyond one: a batch counts as many as it has rows.
   *
   * @param rows of the batch, at least 1
   * @throws {ProblemException} 429
   */
  admitRows(request: ServiceRequest, response: ServerResponse, rows: number): true | Promise<true> {
    return rows <= 1 ? true : this.charge(request, response, rows - 1);
  }

  private charge(request: ServiceRequest, response: ServerResponse, points: number): true | Promise<true> {
    const { limit } = this;
    if (limit === undefined) return true;
    const { identity } = request;
    const party = isKnown(identity) ? 'caller' : 'address';
    const allowance = isKnown(identity)
      ? this.callers.take(nameCaller(identity), points, limit.requests)
      : this.addresses.take(readAddress(request), points, limit.requests);
    const settle = (settled: Allowance): true => {
      this.tell(party, settled, response);
      if (settled.granted) return true;
      throw this.refuse(party, points, limit, settled);
    };
    return allowance instanceof Promise ? allowance.then(settle) : settle(allowance);
  }

  /**
   * Draft-ietf-httpapi-ratelimit-headers-11, sections 3 and 4. Large services send these two fields, and their
   * clients pace themselves by them; the three fields of drafts up to the sixth come with a refusal only.
   */
  private tell(party: Party, { remaining, resetSeconds }: Allowance, response: ServerResponse): void {
    response.setHeader('RateLimit-Policy', this.policies[party]);
    response.setHeader('RateLimit', `"${party}";r=${remaining};t=${resetSeconds}`);
  }

  private refuse(
    party: Party,
    points: number,
    { requests, windowSeconds }: RateLimitConfiguration,
    { remaining, resetSeconds }: Allowance,
  ): ProblemException {
    const rule = `The limit of this ${party} is ${requests} requests in ${windowSeconds} seconds, and a batch counts by its rows.`;
    const advice = points >= requests ? 'Send smaller batches.' : `Try again in ${resetSeconds} seconds.`;
    return new ProblemException('rate-limit-exceeded', `${rule} ${advice}`, {
      headers: {
        'Retry-After': String(resetSeconds),
        'RateLimit-Limit': String(requests),
        'RateLimit-Remaining': String(remaining),
        'RateLimit-Reset': String(resetSeconds),
      },
    });
  }
}

/** Without a credential there is no name to be counted by; whether one is valid is the access guard's to say. */
function bringsCredential({ headers }: ServiceRequest): boolean {
  return (
    headers.authorization !== undefined || headers['x-api-key'] !== undefined || headers.cookie !== undefined
  );
}

function isKnown(identity: Identity | undefined): identity is Identity {
  return identity !== undefined && identity.method !== 'none';
}

/** Two tenants may use one name. */
function nameCaller({ tenant, name }: Identity): string {
  return `${tenant} ${name}`;
}

function readAddress(request: ServiceRequest): string {
  return groupAddress(findClientAddress(request));
}
