import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Clock } from '../../common/clock';
import { type OwnedKey } from '../../logging/hash-idempotency-key';

const TIME_BYTES = 6;
const NAME_BYTES = 16;
/** 80 bits: a guess costs a request, and shows no more than one job. */
const SIGNATURE_BYTES = 10;

/** 32 bytes as base64url. */
export const JOB_ID_PATTERN = /^[A-Za-z0-9_-]{43}$/;

/** Whose job it is. */
export interface JobOwner {
  readonly caller: string;
  /** Absent while access control is off. */
  readonly tenant?: string;
}

/** What a job's id says. */
export interface JobReference {
  /** When the id was given out, milliseconds since the epoch. */
  readonly issuedAt: number;
  /** Under which its one decision is kept. */
  readonly key: OwnedKey;
  /** Under which its failure is kept: its own, as a job that is queued again under the same key has not failed. */
  readonly failureKey: OwnedKey;
}

/** Same form for the one who decides and the one who asks for the outcome. */
function keyOf({ caller, tenant }: JobOwner, kind: 'job' | 'failed-job', name: Buffer): OwnedKey {
  return { caller, tenant, idempotencyKey: `${kind}:${name.toString('base64url')}` };
}

/**
 * The ids of jobs: when it was queued, a name of 128 bits, and a signature that holds both to their owner. So no
 * list of jobs is kept, and still nobody finds a job that was not given to them.
 */
export class JobIds {
  /**
   * @param secret shared by all instances
   * @param clock milliseconds since the epoch
   */
  constructor(
    private readonly secret: string,
    private readonly clock: Clock,
  ) {}

  /**
   * A new id.
   *
   * @param sameAs what makes two requests the same one, such as a key of the caller's and the application: their
   *   ids name the same job, whichever is used. Undefined: a job like no other
   */
  issue(owner: JobOwner, sameAs?: string): string {
    const time = Buffer.alloc(TIME_BYTES);
    time.writeUIntBE(this.clock(), 0, TIME_BYTES);
    const name = sameAs === undefined ? randomBytes(NAME_BYTES) : this.nameFor(owner, sameAs);
    const claims = Buffer.concat([time, name]);
    return Buffer.concat([claims, this.sign(owner, claims)]).toString('base64url');
  }

  /** What an id says; undefined when this service has not given it to this owner. */
  verify(id: string, owner: JobOwner): JobReference | undefined {
    const bytes = decode(id);
    if (bytes === undefined) return undefined;
    const claims = bytes.subarray(0, TIME_BYTES + NAME_BYTES);
    if (!timingSafeEqual(bytes.subarray(claims.length), this.sign(owner, claims))) return undefined;
    return read(claims, owner);
  }

  private nameFor({ caller, tenant }: JobOwner, sameAs: string): Buffer {
    const text = JSON.stringify(['job name', tenant ?? '', caller, sameAs]);
    return createHmac('sha256', this.secret).update(text).digest().subarray(0, NAME_BYTES);
  }

  private sign({ caller, tenant }: JobOwner, claims: Buffer): Buffer {
    const text = JSON.stringify(['job', tenant ?? '', caller, claims.toString('base64url')]);
    return createHmac('sha256', this.secret).update(text).digest().subarray(0, SIGNATURE_BYTES);
  }
}

/**
 * What an id says that came from the broker, where only the service's own processes write: its signature is not
 * looked at, so that a worker needs no secret.
 */
export function readJobId(id: string, owner: JobOwner): JobReference | undefined {
  const bytes = decode(id);
  return bytes && read(bytes.subarray(0, TIME_BYTES + NAME_BYTES), owner);
}

function read(claims: Buffer, owner: JobOwner): JobReference {
  return {
    issuedAt: claims.readUIntBE(0, TIME_BYTES),
    key: keyOf(owner, 'job', claims.subarray(TIME_BYTES)),
    failureKey: keyOf(owner, 'failed-job', claims),
  };
}

function decode(id: string): Buffer | undefined {
  if (!JOB_ID_PATTERN.test(id)) return undefined;
  const bytes = Buffer.from(id, 'base64url');
  const isWhole = bytes.length === TIME_BYTES + NAME_BYTES + SIGNATURE_BYTES;
  // The last letter holds two bits more than the bytes: one spelling for each id.
  return isWhole && bytes.toString('base64url') === id ? bytes : undefined;
}
