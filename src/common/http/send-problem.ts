import { type ServerResponse } from 'node:http';
import { type ProblemDocument } from './problem';

/**
 * Sends a problem document as the whole answer.
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
  response.setHeader('Content-Type', 'application/problem+json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.setHeader('Cache-Control', 'no-store');
  if (document.requestId !== undefined) response.setHeader('X-Request-Id', document.requestId);
  response.end(text);
}
