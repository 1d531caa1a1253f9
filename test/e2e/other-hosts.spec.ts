import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { GuardedService } from '../factories/access';
import { Service } from '../factories/service';

/**
 * DNS rebinding: a page whose own name suddenly stands for 127.0.0.1 reaches a service without access control, but
 * its browser still tells that name as Host.
 */

const SECRET = 'secret-name.example.org';

async function send(service: Service, ...lines: readonly string[]): Promise<string> {
  const socket = connect((service.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write([...lines, 'Connection: close', '', ''].join('\r\n'));
  return text(socket);
}

describe('without access control', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(() => service.remove());

  it.each([
    'localhost',
    'LocalHost',
    'localhost:8000',
    'localhost:',
    '127.0.0.1',
    '127.0.0.1:8000',
    '127.255.255.254:1',
    '[::1]',
    '[::1]:8000',
  ])('a request to this machine is answered: %s', async (host) => {
    expect(await send(service, 'GET /health/live HTTP/1.1', `Host: ${host}`)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each([
    SECRET,
    `${SECRET}:8000`,
    `localhost.${SECRET}`,
    `127.0.0.1.${SECRET}`,
    `${SECRET}#localhost`,
    `localhost@${SECRET}`,
    `localhost, ${SECRET}`,
    'localhost:8000:8000',
    '127.0.0.256',
    '127.1',
    '2130706433',
    '0.0.0.0:8000',
    '10.0.0.1',
    '[::]',
    '[::2]',
    '',
  ])('a request to anybody else gets 421 and no echo: "%s"', async (host) => {
    const answer = await send(service, 'GET /predictions HTTP/1.1', `Host: ${host}`);
    expect(answer).toMatch(/^HTTP\/1\.1 421 Misdirected Request\r\n/);
    expect(answer).toMatch(/\r\nContent-Type: application\/problem\+json/);
    expect(answer).toContain('urn:credit-scoring:problem:misdirected-request');
    expect(answer).not.toContain(SECRET);
  });

  it('a decision asked for by another name is not made', async () => {
    const asked = service.post('/predict', service.exampleBody()).set('Host', SECRET);
    expect((await asked.expect(421)).body).toMatchObject({ status: 421 });
    expect((await service.get('/predictions').expect(200)).body).toMatchObject({ items: [] });
  });

  it.each([
    ['the target counts, not the header', 'http://localhost:8000/health/live', SECRET, 200],
    ['another name in the target is refused', `http://${SECRET}/health/live`, 'localhost', 421],
    ['a user in the target is no host', `http://localhost@${SECRET}/health/live`, 'localhost', 421],
  ])('of the absolute form %s', async (_what, target, host, status) => {
    expect(await send(service, `GET ${target} HTTP/1.1`, `Host: ${host}`)).toMatch(
      new RegExp(`^HTTP/1\\.1 ${status} `),
    );
  });

  it('a health check in HTTP/1.0, which tells no Host, is answered', async () => {
    expect(await send(service, 'GET /health/ready HTTP/1.0')).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('with access control', () => {
  it('the service answers by any name: a key says who asks', async () => {
    const { service } = await GuardedService.start();
    expect(await send(service, 'GET /health/live HTTP/1.1', `Host: ${SECRET}`)).toMatch(/^HTTP\/1\.1 200 /);
    await service.remove();
  });
});
