/** What is answered to bytes that never became a request. */
export interface UnreadableRequest {
  readonly kind: 'bad-request' | 'request-timeout' | 'headers-too-large';
  readonly detail: string;
}

/** @param code of the error that `http.Server` reports as `clientError` */
export function describeUnreadableRequest(code: string | undefined): UnreadableRequest {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        kind: 'request-timeout',
        detail: 'Send the request in one go, or over a faster connection.',
      };
    case 'HPE_HEADER_OVERFLOW':
      return { kind: 'headers-too-large', detail: 'Send fewer or shorter headers: 16 KiB in all.' };
    default:
      return { kind: 'bad-request', detail: 'This is not a valid HTTP/1.1 request.' };
  }
}
