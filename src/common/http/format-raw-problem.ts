import { describeProblem, type ProblemKind } from './problem';

/** The bytes of a whole answer, for connections that have no request to answer. They end with it. */
export function formatRawProblem(
  kind: ProblemKind,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const document = describeProblem(kind, detail);
  const text = JSON.stringify(document);
  const lines = [
    `HTTP/1.1 ${document.status} ${document.title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
}
