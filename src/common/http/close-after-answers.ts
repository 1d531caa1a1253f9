import { type Server } from 'node:http';

/** From now on each connection ends with its next answer, which says so (`Connection: close`): callers move on. */
export function closeAfterAnswers(server: Server): void {
  server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false;
  });
}
