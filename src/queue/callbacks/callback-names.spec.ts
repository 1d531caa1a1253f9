import { createSocket, type Socket } from 'node:dgram';
import { lookup, Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { CallbackNames } from './callback-names';

let server: Socket;
let names: CallbackNames;
/** What the name server does with a question. */
let answer: (question: Buffer) => Buffer | undefined;
beforeEach(async () => {
  server = createSocket('udp4', (question, { port, address }) => {
    const reply = answer(question);
    if (reply !== undefined) server.send(reply, port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  names = new CallbackNames(true, resolver);
});
afterEach(() => {
  server.close();
});

/** The question again, as an answer that there is no such name. */
function unknown(question: Buffer): Buffer {
  const reply = Buffer.from(question);
  reply.writeUInt16BE(0x8183, 2);
  return reply;
}

describe('names of receivers that no name server answers for', () => {
  it('keep no thread of the process busy, and are given up soon', async () => {
    answer = () => undefined;
    const began = performance.now();
    const silent = Promise.allSettled(
      Array.from({ length: 64 }, (_, index) => names.resolve(`host-${index}.slow.example`)),
    );
    await lookup('localhost');
    expect(performance.now() - began).toBeLessThan(400);
    for (const outcome of await silent) expect(outcome).toMatchObject({ reason: { code: 'ETIMEOUT' } });
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('names that name servers do not know', () => {
  beforeEach(() => {
    answer = unknown;
  });

  it('are found in the files of this machine where that is allowed', async () => {
    expect(await names.resolve('localhost')).not.toEqual([]);
  });

  it('are not looked for on this machine otherwise', async () => {
    const resolver = new Resolver({ timeout: 500, tries: 1 });
    resolver.setServers([`127.0.0.1:${server.address().port}`]);
    await expect(new CallbackNames(false, resolver).resolve('localhost')).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });
});
