import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { HeldConnections } from './held-connections';

let server: Server;
let client: Socket;
let socket: Socket;
let held: HeldConnections;

beforeEach(async () => {
  held = new HeldConnections();
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const taken = once(server, 'connection') as Promise<[Socket]>;
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  [socket] = await taken;
  socket.resume();
});
afterEach(async () => {
  held.releaseAll();
  client.destroy();
  socket.destroy();
  server.close();
  await once(server, 'close');
});

/** A refusal, and the end of its turn of the event loop. */
async function refuse(): Promise<void> {
  held.hold(socket);
  await nextTurn();
}

describe('HeldConnections', () => {
  it('goes on reading from who was refused once', async () => {
    await refuse();
    expect(socket.isPaused()).toBe(false);
  });

  it('does not read from who asks again at once, and does so again after a moment', async () => {
    await refuse();
    await refuse();
    expect(socket.isPaused()).toBe(true);
    while (socket.isPaused()) await delay(5);
  });

  it('goes on reading from who has waited for more than half of the second that was asked for', async () => {
    await refuse();
    await delay(600);
    await refuse();
    expect(socket.isPaused()).toBe(false);
  });

  it('reads from all again when it stops', async () => {
    await refuse();
    await refuse();
    held.releaseAll();
    expect(socket.isPaused()).toBe(false);
  });
});
