import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, Socket } from 'node:net';
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

/** Leaves the event loop no turn, as overload does. */
function blockFor(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
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

  it('holds nobody for longer than the second that was asked for, however many are held', async () => {
    const sockets = Array.from({ length: 200 }, () => new Socket().resume());
    for (const each of [...sockets, ...sockets]) held.hold(each);
    await nextTurn();
    const countHeld = (): number => sockets.filter((each) => each.isPaused()).length;
    expect(countHeld()).toBe(200);
    // Fifty at each look, which are late here: only the time brings the rest at once.
    const before = performance.now();
    blockFor(1100);
    while (countHeld() === 200) await nextTurn();
    expect({ held: countHeld(), inTime: performance.now() - before < 2000 }).toEqual({
      held: 0,
      inTime: true,
    });
    for (const each of sockets) each.destroy();
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
