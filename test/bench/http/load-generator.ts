import { connect, type Socket } from 'node:net';
import { readHoldoutApplications } from './applications';
import { type LoadMessage, type LoadOrder, type LoadResult } from './load';

/**
 * Sends real applications over keep-alive connections, in a process of its own. Requests are bytes made
 * beforehand and answers are hardly looked at, so that a request costs a few microseconds here and the
 * fastest server is not measured by the patience of its client. No pipelining. What is sent when time is up
 * is still waited for: answers can be counted against records one by one.
 */

const HEADER_END = '\r\n\r\n';
const STATUS_START = 'HTTP/1.1 '.length;
const CONTENT_LENGTH_PATTERN = /\r\ncontent-length: *(\d+)/i;

const applications = readHoldoutApplications();

/** Takes turns through all applications, over all orders. */
let turn = 0;

async function drive(order: LoadOrder): Promise<LoadResult> {
  const requests = applications.map(({ body }) => formatRequest(order, body));
  const sockets = await Promise.all(Array.from({ length: order.connections }, () => open(order.port)));
  const latencies: number[] = [];
  let succeeded = 0;
  const processor = process.cpuUsage();
  const started = performance.now();
  const deadline = 'seconds' in order.limit ? started + order.limit.seconds * 1000 : Infinity;
  let left = 'requests' in order.limit ? order.limit.requests : Infinity;

  await Promise.all(
    sockets.map(async (socket) => {
      const exchange = answerReader(socket);
      while (left > 0 && performance.now() < deadline) {
        left -= 1;
        const request = requests[turn++ % requests.length] as Buffer;
        const sent = performance.now();
        const status = await exchange(request);
        latencies.push(performance.now() - sent);
        if (status === 200) succeeded += 1;
      }
    }),
  );

  const elapsed = performance.now() - started;
  const { user, system } = process.cpuUsage(processor);
  for (const socket of sockets) socket.destroy();
  latencies.sort((left, right) => left - right);
  return {
    requests: latencies.length,
    succeeded,
    seconds: elapsed / 1000,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    busy: (user + system) / 1000 / elapsed,
  };
}

function formatRequest({ port, path }: LoadOrder, body: string): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}${HEADER_END}${body}`,
  );
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** A function that sends a request and resolves with the status of its answer. */
function answerReader(socket: Socket): (request: Buffer) => Promise<number> {
  let received = '';
  let resolve: (status: number) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  // One byte a character, so that the length of the text is that of the answer.
  socket.setEncoding('latin1');
  socket.on('data', (part: string) => {
    received += part;
    const headerEnd = received.indexOf(HEADER_END);
    if (headerEnd === -1) return;
    const length = CONTENT_LENGTH_PATTERN.exec(received)?.[1];
    if (length === undefined) {
      reject(new Error('The load generator counts answers by their Content-Length: this one has none'));
    } else if (received.length >= headerEnd + HEADER_END.length + Number(length)) {
      const status = Number(received.slice(STATUS_START, STATUS_START + 3));
      received = '';
      resolve(status);
    }
  });
  socket.on('error', (error) => {
    reject(error);
  });
  socket.on('close', () => {
    reject(new Error('The server closed a connection that was in use'));
  });
  return (request) =>
    new Promise((resolveNext, rejectNext) => {
      resolve = resolveNext;
      reject = rejectNext;
      socket.write(request);
    });
}

/** The smallest value that at least this share of the sorted values does not exceed. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

function tell(message: LoadMessage): void {
  process.send?.(message);
}

process.on('message', (order: LoadOrder) => {
  drive(order).then(
    (result) => {
      tell({ result });
    },
    (error: unknown) => {
      tell({ error: String(error) });
    },
  );
});
// Nobody is left to work for.
process.on('disconnect', () => process.exit());
tell({ ready: true });
