import { type Server, type ServerResponse } from 'node:http';
import { type BlockList, isIPv6, type Socket } from 'node:net';
import { formatRawProblem } from './format-raw-problem';
import { groupAddress } from './group-address';

/** How many connections may be open at a time, and how much one may be used. */
export interface ConnectionLimits {
  readonly inAll: number;
  /** From one address; the proxies in front stand for many and are exempt. */
  readonly perAddress: number;
  /** Answered on one connection, which then ends: its client connects anew. */
  readonly requests: number;
}

/** An answer as Node's HTTP server makes it when requests of a connection are limited. */
interface CountedResponse extends ServerResponse {
  readonly maxRequestsOnConnectionReached?: boolean;
}

/** Long enough for a connection to end, short enough that nobody waits for nothing. */
const RETRY_AFTER_SECONDS = 5;

/**
 * Ends connections beyond a limit with a problem document, before anything is read from them. They never
 * become requests, so a flood of connections leaves those that are open alone.
 *
 * @param proxies addresses that stand for many callers
 */
export function limitConnections(server: Server, limits: ConnectionLimits, proxies: BlockList): void {
  server.maxRequestsPerSocket = limits.requests;
  // Node by itself only asks the client to close, and answers 503 to one that does not.
  server.prependListener('request', (_request, response: CountedResponse) => {
    if (response.maxRequestsOnConnectionReached === true) response.shouldKeepAlive = false;
  });
  const openByAddress = new Map<string, number>();
  let open = 0;

  // Before Node's own listener, which would begin to read.
  server.prependListener('connection', (socket: Socket) => {
    const remoteAddress = socket.remoteAddress ?? '';
    const address = proxies.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4')
      ? undefined
      : groupAddress(remoteAddress);
    const fromAddress = address === undefined ? 0 : (openByAddress.get(address) ?? 0);
    if (open >= limits.inAll) {
      refuse(socket, 'connections-exhausted', `This instance takes ${limits.inAll} connections.`);
      return;
    }
    if (fromAddress >= limits.perAddress) {
      const detail = `One address may have ${limits.perAddress} connections open: use those you have again.`;
      refuse(socket, 'too-many-connections', detail);
      return;
    }
    open += 1;
    if (address !== undefined) openByAddress.set(address, fromAddress + 1);
    socket.once('close', () => {
      open -= 1;
      if (address === undefined) return;
      const left = (openByAddress.get(address) ?? 1) - 1;
      if (left === 0) openByAddress.delete(address);
      else openByAddress.set(address, left);
    });
  });
}

function refuse(
  socket: Socket,
  kind: 'too-many-connections' | 'connections-exhausted',
  detail: string,
): void {
  socket.on('error', ignoreError);
  // A fresh socket takes so few bytes at once; what the caller has sent is never read.
  socket.write(formatRawProblem(kind, detail, { 'Retry-After': String(RETRY_AFTER_SECONDS) }));
  socket.destroy();
}

/** The other side is gone already, which is what was wanted. */
function ignoreError(): void {
  // Nothing is left to do.
}
