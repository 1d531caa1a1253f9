import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { likePrediction } from './http-answer';

/**
 * The least that Node can do for the same exchange: `node:http` alone reads the body, parses it, and
 * writes an answer of the same fields, size and headers. Checks nothing, scores nothing, keeps nothing.
 */
function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'POST') {
    response.statusCode = 204;
    response.end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { clientId } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { clientId: string };
    const text = JSON.stringify(likePrediction(clientId));
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('Content-Length', Buffer.byteLength(text));
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.end(text);
  });
}

createServer(answer).listen(Number(process.env['PORT']), '127.0.0.1');
