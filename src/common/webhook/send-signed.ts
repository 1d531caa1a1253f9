import { errorCode } from '../error-code';
import { SERVICE_VERSION } from '../service-version';
import { type PostOptions, postWebhook } from './post-webhook';
import { signWebhook } from './sign-webhook';

/** What a receiver gets. */
export interface SignedMessage {
  readonly url: URL;
  /** JSON. */
  readonly body: Buffer;
  /** Shared with the receiver. */
  readonly secret: string;
  /** Now, milliseconds since the epoch. */
  readonly nowMs: number;
  /** The same at every try, by which a receiver knows what it has already. */
  readonly idempotencyKey: string;
  /** Besides those that every message has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * How a try to send ended: `failed` may succeed later, `refused` would end the same the next time. The reason is the
 * status of the answer, or the code of what prevented one.
 */
export type SendOutcome =
  | { readonly result: 'arrived' }
  | { readonly result: 'refused' | 'failed'; readonly reason: number | string };

/** Ask again later, says the receiver by these; any other refusal would be the same the next time. */
const TEMPORARY_STATUSES: ReadonlySet<number> = new Set([408, 429]);

/** Tries once to send JSON by POST, signed as `signWebhook` says. Never rejects. */
export async function sendSigned(message: SignedMessage, options: PostOptions): Promise<SendOutcome> {
  const { url, body, secret, nowMs, idempotencyKey } = message;
  // Of this try, not of what it tells: receivers refuse what is minutes old.
  const timestamp = String(Math.floor(nowMs / 1000));
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': `credit-scoring/${SERVICE_VERSION}`,
    'X-Signature-256': signWebhook(secret, timestamp, body),
    'X-Signature-Timestamp': timestamp,
    'Idempotency-Key': idempotencyKey,
    ...message.headers,
  };
  try {
    const status = await postWebhook(url, headers, body, options);
    if (status >= 200 && status < 300) return { result: 'arrived' };
    const isTemporary = status >= 500 || TEMPORARY_STATUSES.has(status);
    return { result: isTemporary ? 'failed' : 'refused', reason: status };
  } catch (error) {
    const reason = errorCode(error);
    return { result: reason === 'ENOTPUBLIC' ? 'refused' : 'failed', reason };
  }
}
