import { createHmac } from 'node:crypto';

/**
 * Value of `X-Signature-256`: `sha256=` and the HMAC-SHA256 of `<timestamp>.<body>` in lower-case hexadecimal. With
 * the time under the signature, a receiver can refuse what somebody recorded and sends again later.
 *
 * @param timestamp value of `X-Signature-Timestamp`: whole seconds since 1970 (UTC)
 * @param body the bytes as they are sent
 */
export function signWebhook(secret: string, timestamp: string, body: Buffer): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`;
}
