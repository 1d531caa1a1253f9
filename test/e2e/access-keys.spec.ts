import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import request from 'supertest';
import { type RecordsPage } from '../../src/logging/records.service';
import { GuardedService } from '../factories/access';
import { problemOf } from '../factories/problem';
import { Service } from '../factories/service';

let guarded: GuardedService;
let service: Service;
let key: string;
beforeAll(async () => {
  guarded = await GuardedService.start();
  ({ service } = guarded);
  key = await guarded.key();
});
afterAll(() => service.remove());

/** Bytes as they are, to send what clients' libraries would not. */
async function sendRaw(lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  socket.write([...lines, 'Host: localhost', 'Connection: close', '', ''].join('\r\n'));
  return (await text(socket)).split('\r\n')[0] ?? '';
}

describe('a key', () => {
  it('is taken as a bearer token, whatever the case of the scheme, and as X-API-Key', async () => {
    await service.get('/predictions').set('Authorization', `Bearer ${key}`).expect(200);
    await service.get('/predictions').set('Authorization', `bearer  ${key}`).expect(200);
    await service.get('/predictions').set('X-API-Key', key).expect(200);
  });

  it('is not taken from anywhere else: address, cookie, body, basic authentication', async () => {
    await service.get(`/predictions?api_key=${key}`).expect(401);
    await service.get(`/predictions?key=${key}&access_token=${key}`).expect(401);
    await service.get('/predictions').set('Cookie', `session=${key}; key=${key}`).expect(401);
    await service.post('/predict', { ...service.exampleBody(), key }).expect(401);
    const basic = Buffer.from(`${key}:`).toString('base64');
    await service.get('/predictions').set('Authorization', `Basic ${basic}`).expect(401);
    await service.get('/predictions').set('Authorization', key).expect(401);
    await service.get('/predictions').set('Authorization', `Bearer ${key} ${key}`).expect(401);
    await service.get('/predictions').set('X-Api-Token', key).expect(401);
  });

  it('is named as caller in the record, with its tenant', async () => {
    const made = await service.post('/predict', service.exampleBody()).set('X-API-Key', key).expect(200);
    const { id } = made.body as { id: string };
    const record = (await service.get(`/predictions/${id}`).set('X-API-Key', key).expect(200)).body as object;
    expect(record).toMatchObject({ caller: 'tester', tenant: 'default' });
  });

  it('is needed for HEAD as for GET', async () => {
    await request(service.server).head('/predictions').expect(401);
    await request(service.server).head('/predictions').set('X-API-Key', key).expect(200);
  });

  it('opens nothing under another spelling of an address', async () => {
    for (const path of [
      '/predictions/',
      '/PREDICTIONS',
      '//predictions',
      '/./predictions',
      '/%70redictions',
    ]) {
      const { status } = await service.get(path);
      expect({ path, open: status < 400 }).toEqual({ path, open: false });
    }
    for (const path of ['/health/../predictions', '/docs/../predictions', '/docs/..%2fpredictions']) {
      expect(await sendRaw([`GET ${path} HTTP/1.1`])).toMatch(/^HTTP\/1\.1 4/);
    }
  });
});

describe('the answer to a key that is not valid', () => {
  it('is the same, whether it is unknown, wrong, expired, revoked or no key at all', async () => {
    const expired = await guarded.key({ expiresAt: new Date(Date.now() + 300).toISOString() });
    const revoked = await guarded.key();
    await service.get('/predictions').set('X-API-Key', expired).expect(200);
    await service.get('/predictions').set('X-API-Key', revoked).expect(200);
    await guarded.revoke(revoked);
    await new Promise((resolve) => setTimeout(resolve, 350));
    const wrong = `${key.slice(0, -1)}${key.endsWith('A') ? 'E' : 'A'}`;
    const swapped = `pad_${revoked.split('_')[1] ?? ''}_${key.split('_').slice(2).join('_')}`;
    const answers = new Set<string>();
    for (const bad of [
      expired,
      revoked,
      wrong,
      swapped,
      `pad_aaaaaaaa_${'A'.repeat(43)}`,
      `${key}A`,
      key.slice(0, -1),
      key.toUpperCase(),
      ` ${key},${key}`,
      'x',
      '__proto__',
      `pad___proto___${'A'.repeat(43)}`,
      'é',
    ]) {
      const response = await service
        .get('/predictions')
        .set('X-API-Key', bad)
        .set('X-Request-Id', 'r')
        .expect(401);
      expect(response.text).not.toContain(bad.trim());
      answers.add(`${response.text} ${response.headers['www-authenticate'] as string}`);
    }
    expect([...answers]).toEqual([
      '{"type":"urn:credit-scoring:problem:unauthorized","title":"Access needs a valid key","status":401,' +
        '"detail":"Send a valid key or token as Authorization: Bearer …, or a key as X-API-Key.",' +
        '"requestId":"r"} Bearer realm="credit-scoring", error="invalid_token"',
    ]);
  });

  it('comes before the body is read: a bad one is not looked at, and one that no route takes ends the connection', async () => {
    await service.post('/predict', { shoeSize: 44 }).expect(401);
    const send = (length: number): Promise<request.Response> =>
      request(service.server)
        .post('/predict/batch')
        .set('Content-Type', 'application/json')
        .set('Connection', 'keep-alive')
        .send('['.repeat(length))
        .then((answer) => answer);
    for (const [length, connection] of [
      [4 * 1024 * 1024, 'keep-alive'],
      [4 * 1024 * 1024 + 1, 'close'],
    ] as const) {
      const answer = await send(length);
      expect([answer.status, answer.headers['connection']]).toEqual([401, connection]);
    }
  });

  it('leaves no record, so that nobody without a key can fill the disk; a missing scope does', async () => {
    const all = await guarded.key({ tenant: '*', scopes: ['records'] });
    await service.post('/predict', service.exampleBody()).set('X-Request-Id', 'no-key').expect(401);
    await service
      .post('/predict', service.exampleBody())
      .set('X-API-Key', all)
      .set('X-Request-Id', 'no-scope')
      .expect(403);
    await service.post('/predict', service.exampleBody()).set('X-API-Key', key).expect(200);
    const log = await readFile(join(service.dataFolder, 'logs', 'production_logs.json'), 'utf8');
    expect(log).not.toContain('"no-key"');
    expect(log).toMatch(/"requestId":"no-scope","caller":"tester","tenant":"\*","status":403/);
  });
});

describe('headers that contradict each other', () => {
  const line = (): string => `Authorization: Bearer ${key}`;

  it('are refused: Authorization twice, even with the same key, or beside X-API-Key', async () => {
    const start = 'GET /predictions HTTP/1.1';
    expect(await sendRaw([start, line()])).toBe('HTTP/1.1 200 OK');
    for (const lines of [
      [line(), line()],
      [line(), 'authorization: Bearer x'],
      ['AUTHORIZATION: Bearer x', line()],
      [line(), `X-API-Key: ${key}`],
      [`X-API-Key: ${key}`, `X-API-Key: ${key}`],
      [`X-API-Key: ${key}, ${key}`],
    ]) {
      expect(await sendRaw([start, ...lines])).toBe('HTTP/1.1 401 Unauthorized');
    }
  });

  it('do not lend an identity: what proxies would say of callers is passed over', async () => {
    const claimed = {
      'X-User': 'administrator',
      'X-Forwarded-User': 'administrator',
      'X-Remote-User': 'administrator',
      'X-Tenant': '*',
      'X-Scopes': 'admin',
      'X-Forwarded-For': '127.0.0.1',
      'X-Original-URL': '/health',
      'X-Rewrite-URL': '/health',
      'X-HTTP-Method-Override': 'GET',
    };
    await service.get('/predictions').set(claimed).expect(401);
    const made = await service
      .post('/predict', service.exampleBody())
      .set(claimed)
      .set('X-API-Key', key)
      .expect(200);
    const { id } = made.body as { id: string };
    const record = await service.get(`/predictions/${id}`).set(claimed).set('X-API-Key', key).expect(200);
    expect(record.body).toMatchObject({ caller: 'tester', tenant: 'default' });
  });
});

describe('the keys file', () => {
  /** Longer than the service takes to notice. */
  const NOTICED_MS = 1_000;
  const notice = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, NOTICED_MS));

  it('is followed without a restart: a key that is revoked opens nothing a second later', async () => {
    const { text: fresh, key: kept } = await guarded.keysFile.create(
      { name: 'fresh', tenant: 'default', scopes: ['records'] },
      Date.now(),
    );
    await notice();
    await service.get('/predictions').set('X-API-Key', fresh).expect(200);
    await guarded.keysFile.revoke(kept.prefix, Date.now());
    await notice();
    await service.get('/predictions').set('X-API-Key', fresh).expect(401);
  });

  it('that is damaged or gone lets the keys read last go on, and is followed again when it is mended', async () => {
    const good = await readFile(guarded.keysPath, 'utf8');
    const mistyped = good.replaceAll('"scopes"', '"scope"');
    for (const bad of [good.slice(0, -20), mistyped, '', null]) {
      if (bad === null) await rm(guarded.keysPath);
      else await writeFile(guarded.keysPath, bad);
      await notice();
      await service.get('/predictions').set('X-API-Key', key).expect(200);
    }
    await writeFile(guarded.keysPath, good);
    const after = await guarded.key();
    await service.get('/predictions').set('X-API-Key', after).expect(200);
  });

  it('holds hashes only, and nobody but its owner reads it, nor what signs the log-ins', async () => {
    expect(await readFile(guarded.keysPath, 'utf8')).not.toContain(key.split('_').slice(2).join('_'));
    expect((await stat(guarded.keysPath)).mode & 0o777).toBe(0o600);
    const secret = join(service.dataFolder, 'logs', 'access', 'session-secret');
    expect((await stat(secret)).mode & 0o777).toBe(0o600);
  });
});

describe('the first start', () => {
  it('makes one key that may do everything and shows it once; the next start shows nothing', async () => {
    const DATA_DIR = await mkdtemp(join(tmpdir(), 'credit-scoring-'));
    const shown: string[] = [];
    const write = jest
      .spyOn(process.stdout, 'write')
      .mockImplementation((part) => shown.push(String(part)) > 0);
    let first: Service;
    try {
      first = await Service.start({ DATA_DIR, AUTH: 'on' });
      await first.stop();
      first = await Service.start({ DATA_DIR, AUTH: 'on' });
    } finally {
      write.mockRestore();
    }
    const keys = shown.join('').match(/pad_[a-z2-7]{8}_[A-Za-z0-9_-]{43}/g) ?? [];
    expect(keys).toHaveLength(1);
    const administrator = keys[0] ?? '';
    await first.post('/predict', first.exampleBody()).set('X-API-Key', administrator).expect(200);
    await first.get('/metrics').set('X-API-Key', administrator).expect(200);
    const { items } = (await first.get('/predictions').set('X-API-Key', administrator).expect(200))
      .body as RecordsPage;
    expect(items[0]).toMatchObject({ caller: 'administrator', tenant: '*' });
    await first.remove();
  });

  it('does not start on a damaged keys file: it names the file and the key', async () => {
    const DATA_DIR = await mkdtemp(join(tmpdir(), 'credit-scoring-'));
    const before = await GuardedService.start({ DATA_DIR });
    await before.service.stop();
    const text = await readFile(before.keysPath, 'utf8');
    await writeFile(before.keysPath, text.replace('"nowhere"', '"no where"'));
    await expect(Service.start({ DATA_DIR, AUTH: 'on' })).rejects.toThrow(
      /keys\.json: keys\[0\]\.tenant: expected a tenant of at most 64 letters/,
    );
    await rm(DATA_DIR, { recursive: true, force: true, maxRetries: 10 });
  });
});

describe('tenants', () => {
  let mine: string;
  let theirs: string;
  let operator: string;
  let ids: { mine: string; theirs: string };
  beforeAll(async () => {
    mine = await guarded.key({ tenant: 'a' });
    theirs = await guarded.key({ tenant: 'b' });
    operator = await guarded.key({ tenant: '*', scopes: ['records'] });
    const make = async (by: string): Promise<string> =>
      (
        (await service.post('/predict', service.exampleBody()).set('X-API-Key', by).expect(200)).body as {
          id: string;
        }
      ).id;
    ids = { mine: await make(mine), theirs: await make(theirs) };
  });

  it("sees its own records only; another's is answered as one that does not exist", async () => {
    await service.get(`/predictions/${ids.mine}`).set('X-API-Key', mine).expect(200);
    const missing = '01a20833-1a64-70de-bf1e-1c9ff4bc8795';
    const answers = await Promise.all(
      [ids.theirs, missing].map((id) =>
        service.get(`/predictions/${id}`).set('X-API-Key', mine).set('X-Request-Id', 'r').expect(404),
      ),
    );
    expect(answers[0]?.text).toBe(answers[1]?.text);
    const { items } = (await service.get('/predictions').set('X-API-Key', mine).expect(200))
      .body as RecordsPage;
    expect(items.map(({ id }) => id)).toEqual([ids.mine]);
  });

  it('replays its own decisions only', async () => {
    const replay = (id: string) => request(service.server).post(`/predictions/${id}/replay`);
    await replay(ids.mine).set('X-API-Key', mine).expect(200);
    expect(problemOf(await replay(ids.theirs).set('X-API-Key', mine).expect(404)).detail).toBe(
      'No record has this id.',
    );
    await replay(ids.theirs).set('X-API-Key', operator).expect(200);
  });

  it('is all of them for an operator', async () => {
    const { items } = (await service.get('/predictions').set('X-API-Key', operator).expect(200))
      .body as RecordsPage;
    const listed = items.map(({ id }) => id);
    expect(listed).toEqual(expect.arrayContaining([ids.mine, ids.theirs]));
  });

  it.each(['/monitoring/predictions', '/monitoring/api/predictions'])(
    '%s shows the pages of its own decisions only',
    async (path) => {
      const list = await service.get(path).set('X-API-Key', mine).expect(200);
      expect(list.text).toContain(ids.mine);
      expect(list.text).not.toContain(ids.theirs);
      await service.get(`${path}/${ids.mine}`).set('X-API-Key', mine).expect(200);
      await service.get(`${path}/${ids.theirs}`).set('X-API-Key', mine).expect(404);
    },
  );

  it('cannot be chosen by the caller', async () => {
    await service.get('/predictions?tenant=b').set('X-API-Key', mine).expect(400);
    await service
      .post('/predict', { ...service.exampleBody(), tenant: 'b' })
      .set('X-API-Key', mine)
      .expect(400);
  });

  it('does not see records from before access control, which an operator does', async () => {
    const DATA_DIR = await mkdtemp(join(tmpdir(), 'credit-scoring-'));
    const open = await Service.start({ DATA_DIR });
    const { id } = (await open.post('/predict', open.exampleBody()).expect(200)).body as { id: string };
    const record = (await open.get(`/predictions/${id}`).expect(200)).body as object;
    expect(record).toMatchObject({ caller: 'anonymous' });
    expect(record).not.toHaveProperty('tenant');
    await open.stop();
    const closed = await GuardedService.start({ DATA_DIR });
    const usual = await closed.key();
    const all = await closed.key({ tenant: '*' });
    await closed.service.get(`/predictions/${id}`).set('X-API-Key', usual).expect(404);
    await closed.service.get(`/predictions/${id}`).set('X-API-Key', all).expect(200);
    await closed.service.remove();
  });
});
