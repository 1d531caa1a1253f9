/** A webhook could not be sent. Neither message nor code holds the address it was for. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';

  /** @param code as the operating system's codes, such as `ETIMEDOUT` */
  constructor(
    readonly code: 'ENOTPUBLIC' | 'ENOTFOUND' | 'ETIMEDOUT' | 'ECONNRESET',
    message: string,
  ) {
    super(message);
  }
}
