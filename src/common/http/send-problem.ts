import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type ProblemDocument } from './problem';

/**
 * A body that nobody reads is skipped when it announced to be no longer, bytes: the longest that any route takes. While it is
 * being sent, most callers and every proxy in front read no answer: ended at once, the connection would take it along.
 */
const LONGEST_SKIPPED_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Sends a problem document as the whole answer. What has not arrived of a body that is too long to be skipped, or does not
 * tell its length, is not read: then the connection ends with the answer.
 *
 * @param headers that belong to the answer, such as Retry-After
 */
export function sendProblem(
  response: ServerResponse,
  document: ProblemDocument,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(document);
  response.statusCode = document.status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (isTooLongToSkip(response.req)) response.setHeader('Connection', 'close');
  response.setHeader('Content-Type', 'application/problem+json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.setHeader('Cache-Control', 'no-store');
  if (document.requestId !== undefined) response.setHeader('X-Request-Id', document.requestId);
  response.end(text);
}

function isTooLongToSkip({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  return (
    headers['transfer-encoding'] !== undefined ||
    Number(headers['content-length'] ?? 0) > LONGEST_SKIPPED_BODY_BYTES
  );
}
