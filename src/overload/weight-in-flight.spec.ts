import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { WeightInFlight } from './weight-in-flight';

let server: Server;
let weight: WeightInFlight;
let responses: ServerResponse[];
let client: Socket;

beforeEach(async () => {
  weight = new WeightInFlight();
  responses = [];
  server = createServer((request, response) => {
    weight.add(request.socket, response, 3);
    responses.push(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
});
afterEach(async () => {
  client.destroy();
  server.close();
  await once(server, 'close');
});

/** Sends requests in one go, and waits until all of them have been taken. */
async function send(requests: number): Promise<void> {
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(requests));
  while (responses.length < requests) await once(server, 'request');
}

describe('WeightInFlight', () => {
  it('counts a request until its answer is sent', async () => {
    await send(1);
    expect(weight.total).toBe(3);
    const [response] = responses;
    if (response === undefined) throw new Error('No request came');
    const closed = once(response, 'close');
    response.end('done');
    await closed;
    expect(weight.total).toBe(0);
  });

  it('forgets what a connection had asked for when it ends, pipelined requests whose turn never came included', async () => {
    await send(5);
    expect(weight.total).toBe(15);
    const socket = responses[0]?.req.socket;
    if (socket === undefined) throw new Error('No request came');
    const closed = once(socket, 'close');
    client.destroy();
    await closed;
    expect(weight.total).toBe(0);
    for (const response of responses) response.end('too late');
    expect(weight.total).toBe(0);
  });
});
