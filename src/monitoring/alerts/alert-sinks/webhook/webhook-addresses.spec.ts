import { ok, WebhookSinks } from '../../../../../test/factories/webhook-sinks';

let sinks: WebhookSinks;
beforeEach(() => {
  sinks = WebhookSinks.make();
});
afterEach(() => sinks.close());

describe('an address that is not public', () => {
  it.each([
    '127.0.0.1',
    'localhost',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '[::ffff:127.0.0.1]',
    '10.1.2.3',
    '169.254.169.254',
    '[::1]',
    '[fd00::1]',
  ])('is refused: %s', async (host) => {
    const receiver = await sinks.startReceiver(ok);
    const sink = sinks.sinkTo(`http://${host}:${receiver.port}/`, {}, false);
    expect(await sink.deliver(sinks.aNotice())).toBe('settled');

    expect(receiver.received).toEqual([]);
    expect(sinks.lines).toEqual([
      expect.objectContaining({
        code: 'ENOTPUBLIC',
        tries: 1,
        msg: expect.stringContaining('ALERT_WEBHOOK_PRIVATE=allow') as string,
      }),
    ]);
  });

  it.each([
    { what: 'alone', addresses: ['127.0.0.1'] },
    { what: 'beside a public one', addresses: ['93.184.216.34', '127.0.0.1'] },
    { what: 'in IPv6', addresses: ['::ffff:127.0.0.1'] },
  ])('is refused when a public-looking name leads there: $what', async ({ addresses }) => {
    const receiver = await sinks.startReceiver(ok);
    const sink = sinks.sinkTo(
      `http://hooks.example.com:${receiver.port}/`,
      { resolveName: () => Promise.resolve(addresses.map((address) => ({ address, family: 4 }))) },
      false,
    );
    await sink.deliver(sinks.aNotice());

    expect(receiver.received).toEqual([]);
    expect(sinks.lines).toEqual([expect.objectContaining({ code: 'ENOTPUBLIC' })]);
  });

  it('is found out at every try: a name that was public before is refused when it no longer is', async () => {
    const receiver = await sinks.startReceiver(ok);
    let lookups = 0;
    const sink = sinks.sinkTo(
      `http://hooks.example.com:${receiver.port}/`,
      {
        // A public address on a port where nothing answers: the timeout ends the first try.
        timeoutMs: 50,
        resolveName: () => {
          lookups += 1;
          if (lookups === 1) return new Promise(() => undefined);
          return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
        },
      },
      false,
    );
    await sink.deliver(sinks.aNotice());

    expect(lookups).toBe(2);
    expect(receiver.received).toEqual([]);
    expect(sinks.lines).toEqual([expect.objectContaining({ code: 'ENOTPUBLIC', tries: 2 })]);
  });

  it('is sent to when that is allowed, through the name', async () => {
    const receiver = await sinks.startReceiver(ok);
    const sink = sinks.sinkTo(`http://hooks.example.com:${receiver.port}/`, {
      resolveName: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    });
    expect(await sink.deliver(sinks.aNotice())).toBe('settled');

    expect(receiver.received[0]?.headers.host).toBe(`hooks.example.com:${receiver.port}`);
  });

  it('is tried again when the name cannot be looked up, then given up', async () => {
    const sink = sinks.sinkTo(
      'http://hooks.example.com/',
      { tries: 3, resolveName: () => Promise.resolve([]) },
      false,
    );
    await sink.deliver(sinks.aNotice());

    expect(sinks.lines).toEqual([expect.objectContaining({ code: 'ENOTFOUND', tries: 3 })]);
  });
});
