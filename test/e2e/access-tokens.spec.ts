import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompactEncrypt } from 'jose';
import { GuardedService } from '../factories/access';
import { problemOf } from '../factories/problem';
import { type Service } from '../factories/service';
import { forgeToken, TokenIssuer } from '../factories/token-issuer';

const issuer = new TokenIssuer();
const claims = issuer.claims();
const now = Math.floor(Date.now() / 1_000);
let folder: string;
let guarded: GuardedService;
let service: Service;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokens-'));
  const keySet = join(folder, 'jwks.json');
  await issuer.writeKeySet(keySet);
  guarded = await GuardedService.start(TokenIssuer.settings(keySet));
  ({ service } = guarded);
});
afterAll(async () => {
  await service.remove();
  await rm(folder, { recursive: true });
});

async function statusFor(token: string, target = service): Promise<number> {
  const response = await target.get('/predictions').set('Authorization', `Bearer ${token}`);
  if (response.status === 401) {
    expect(problemOf(response).detail).toMatch(/^Send a valid key or token/);
    expect(response.headers['www-authenticate']).toBe('Bearer realm="credit-scoring", error="invalid_token"');
  }
  return response.status;
}

/** A token whose claims differ from believed ones. */
const signWith = (differences: Readonly<Record<string, unknown>>): Promise<string> =>
  issuer.sign({ ...claims, ...differences });

describe('a token of the issuer', () => {
  it.each(['ES256', 'RS256', 'EdDSA'] as const)('signed with %s is believed', async (alg) => {
    expect(await statusFor(await issuer.sign(claims, { alg }))).toBe(200);
  });

  it('names the caller and the tenant in the record', async () => {
    const token = await issuer.sign();
    const made = await service
      .post('/predict', service.exampleBody())
      .set('Authorization', `Bearer ${token}`)
      .expect(200);
    const { id } = made.body as { id: string };
    const record = await service
      .get(`/predictions/${id}`)
      .set('Authorization', `Bearer ${token}`)
      .expect(200);
    expect(record.body).toMatchObject({ caller: 'batch-job', tenant: 'shop' });
  });

  it('may have its scopes as a list, and is asked for the one of the route', async () => {
    const listed = await signWith({ scope: undefined, scopes: ['records', 'something-else'] });
    expect(await statusFor(listed)).toBe(200);
    const other = await signWith({ scope: 'predict' });
    const response = await service.get('/predictions').set('Authorization', `Bearer ${other}`).expect(403);
    expect(problemOf(response).detail).toBe('This needs the scope records.');
  });

  it('is of the tenant default without a claim', async () => {
    const token = await signWith({ tenant: undefined });
    const made = await service
      .post('/predict', service.exampleBody())
      .set('Authorization', `Bearer ${token}`)
      .expect(200);
    const { id } = made.body as { id: string };
    const record = await service
      .get(`/predictions/${id}`)
      .set('Authorization', `Bearer ${token}`)
      .expect(200);
    expect(record.body).toMatchObject({ tenant: 'default' });
  });

  it('is taken from Authorization only', async () => {
    const token = await issuer.sign();
    await service.get('/predictions').set('X-API-Key', token).expect(401);
    await service.get(`/predictions?access_token=${token}`).expect(401);
    await service.get('/predictions').set('Cookie', `session=${token}`).expect(401);
  });

  it('is worth nothing while JWT_JWKS is not set', async () => {
    const keysOnly = await GuardedService.start();
    expect(await statusFor(await issuer.sign(), keysOnly.service)).toBe(401);
    await keysOnly.service.remove();
  });
});

describe('RFC 8725', () => {
  describe('3.1, the algorithm is ours to choose', () => {
    it.each(['none', 'None', 'NONE', 'nOnE', ''])('refuses alg %j without a signature', async (alg) => {
      expect(await statusFor(forgeToken({ alg, typ: 'JWT' }, claims))).toBe(401);
    });

    it.each(['ES256', 'RS256', 'EdDSA'] as const)(
      'refuses HS256 signed with the public %s key, in each of its spellings',
      async (alg) => {
        const { publicKey } = issuer.keys[alg];
        const spellings = [
          publicKey.export({ format: 'pem', type: 'spki' }),
          publicKey.export({ format: 'der', type: 'spki' }),
          JSON.stringify(publicKey.export({ format: 'jwk' })),
        ];
        for (const secret of spellings) {
          for (const kid of [alg, undefined]) {
            const unsigned = forgeToken({ alg: 'HS256', typ: 'JWT', kid }, claims).replace(/\.$/, '');
            const signature = createHmac('sha256', secret).update(unsigned).digest('base64url');
            expect(await statusFor(`${unsigned}.${signature}`)).toBe(401);
          }
        }
      },
    );

    it('refuses an algorithm that is sound but not in JWT_ALGORITHMS, or not of the key', async () => {
      const unsigned = forgeToken({ alg: 'RS512', kid: 'RS256' }, claims).replace(/\.$/, '');
      const signature = createSign('sha512')
        .update(unsigned)
        .sign(issuer.keys.RS256.privateKey)
        .toString('base64url');
      expect(await statusFor(`${unsigned}.${signature}`)).toBe(401);
      expect(await statusFor(await issuer.sign(claims, { alg: 'ES256', kid: 'RS256' }))).toBe(401);
    });
  });

  describe('3.3, every signature is checked', () => {
    it('refuses a token whose claims, header or signature were changed', async () => {
      const [header = '', payload = '', signature = ''] = (await issuer.sign()).split('.');
      const admin = Buffer.from(JSON.stringify({ ...claims, tenant: '*' })).toString('base64url');
      const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
      for (const token of [
        `${header}.${admin}.${signature}`,
        `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${payload}.${signature}`,
        `${header}.${payload}.${flipped}`,
        `${header}.${payload}.${signature.slice(0, -4)}`,
        `${header}.${payload}.`,
        `${header}.${payload}`,
        `${header}.${payload}.${signature}.`,
        // CVE-2022-21449: r and s of zero fit every text where nobody looks.
        `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
      ]) {
        expect(await statusFor(token)).toBe(401);
      }
    });

    it("refuses a token signed by somebody else under our issuer's name and key id", async () => {
      expect(await statusFor(await new TokenIssuer().sign(claims))).toBe(401);
    });
  });

  describe('3.4 and 3.5, keys that could be guessed or used to sign are not taken', () => {
    it('does not start with a shared secret or a private key in JWT_JWKS', async () => {
      const keySet = join(folder, 'secret.json');
      const settings = TokenIssuer.settings(keySet);
      await writeFile(keySet, JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }] }));
      await expect(GuardedService.start(settings)).rejects.toThrow(
        /secret\.json: keys\[0\]\.k: expected no such/,
      );
      const pair = issuer.keys.ES256.privateKey.export({ format: 'jwk' });
      await writeFile(keySet, JSON.stringify({ keys: [pair] }));
      await expect(GuardedService.start(settings)).rejects.toThrow(/keys\[0\]\.d: expected no such/);
    });

    it('refuses what was signed with a key of 1,024 bits', async () => {
      const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
      const keySet = join(folder, 'weak.json');
      await writeFile(
        keySet,
        JSON.stringify({ keys: [{ ...weak.publicKey.export({ format: 'jwk' }), kid: 'w' }] }),
      );
      const trusting = await GuardedService.start(TokenIssuer.settings(keySet));
      const unsigned = forgeToken({ alg: 'RS256', kid: 'w' }, claims).replace(/\.$/, '');
      const signature = createSign('sha256').update(unsigned).sign(weak.privateKey).toString('base64url');
      expect(await statusFor(`${unsigned}.${signature}`, trusting.service)).toBe(401);
      await trusting.service.remove();
    });
  });

  it('3.6, nothing is decrypted, and so nothing decompressed', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const token = await new CompactEncrypt(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })
      .encrypt(publicKey);
    expect(await statusFor(token)).toBe(401);
  });

  describe('3.8 and 3.9, issuer, subject and audience are ours', () => {
    it.each([
      ['another issuer', { iss: 'https://login.example.com/' }],
      ['an issuer that only begins like ours', { iss: 'https://login.example.org/x' }],
      ['no issuer', { iss: undefined }],
      ['another audience', { aud: 'other-service' }],
      ['other audiences', { aud: ['a', 'b'] }],
      ['no audience', { aud: undefined }],
      ['no subject', { sub: undefined }],
      ['an empty subject', { sub: '' }],
      ['a subject that would break a line of the log', { sub: 'a\n{"caller":"b"}' }],
    ])('refuses %s', async (_what, differences) => {
      expect(await statusFor(await signWith(differences))).toBe(401);
    });

    it.each([[['credit-scoring']], [['other-service', 'credit-scoring']]])(
      'takes the audience %j',
      async (aud) => {
        expect(await statusFor(await signWith({ aud }))).toBe(200);
      },
    );

    it.each([
      ['issuer', { iss: ['https://login.example.org/'] }],
      ['subject', { sub: 7 }],
      ['tenant', { tenant: ['shop', '*'] }],
      ['tenant', { tenant: 'a/../b' }],
      ['scope', { scope: { predict: true } }],
      ['end', { exp: '2099-01-01' }],
    ])('refuses a %s of another type or form: %j', async (_what, differences) => {
      const unsigned = forgeToken({ alg: 'RS256', kid: 'RS256' }, { ...claims, ...differences }).replace(
        /\.$/,
        '',
      );
      const signature = createSign('sha256')
        .update(unsigned)
        .sign(issuer.keys.RS256.privateKey)
        .toString('base64url');
      expect(await statusFor(`${unsigned}.${signature}`)).toBe(401);
    });
  });

  describe('3.10, what a token says about its own key is not believed', () => {
    const stranger = new TokenIssuer();
    let hits = 0;
    let server: Server;
    beforeAll(async () => {
      server = createServer((_request, response) => {
        hits++;
        response.end(JSON.stringify(stranger.keySet()));
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
    afterAll(() => server.close());

    it('fetches no key from an address in the header: jku, x5u', async () => {
      const { port } = server.address() as AddressInfo;
      for (const member of ['jku', 'x5u']) {
        const header = { [member]: `http://127.0.0.1:${port}/jwks.json` };
        expect(await statusFor(await stranger.sign(claims, header))).toBe(401);
        expect(await statusFor(await stranger.sign(claims, { ...header, kid: 'unknown' }))).toBe(401);
      }
      expect(hits).toBe(0);
    });

    it('takes no key from the header: jwk, x5c', async () => {
      const jwk = stranger.keys.ES256.publicKey.export({ format: 'jwk' });
      const x5c = [stranger.keys.ES256.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')];
      expect(await statusFor(await stranger.sign(claims, { jwk }))).toBe(401);
      expect(await statusFor(await stranger.sign(claims, { x5c }))).toBe(401);
    });

    it.each([
      '../../../../dev/null',
      '/etc/passwd',
      "' OR '1'='1",
      'http://127.0.0.1/',
      '\u0000',
      '__proto__',
      '',
    ])('finds no key under the id %j', async (kid) => {
      const unsigned = forgeToken({ alg: 'HS256', kid }, claims).replace(/\.$/, '');
      const signature = createHmac('sha256', '').update(unsigned).digest('base64url');
      expect(await statusFor(`${unsigned}.${signature}`)).toBe(401);
      expect(await statusFor(await stranger.sign(claims, { kid }))).toBe(401);
    });

    it('refuses what must be understood and is not: crit', async () => {
      for (const header of [
        { alg: 'RS256', kid: 'RS256', crit: ['made-up'], 'made-up': true },
        { alg: 'RS256', kid: 'RS256', crit: ['b64'], b64: false },
      ]) {
        const unsigned = forgeToken(header, claims).replace(/\.$/, '');
        const signature = createSign('sha256').update(unsigned).sign(issuer.keys.RS256.privateKey);
        expect(await statusFor(`${unsigned}.${signature.toString('base64url')}`)).toBe(401);
      }
    });
  });

  describe('3.11 and 3.12, one kind of token is not taken for another', () => {
    it.each(['logout+jwt', 'secevent+jwt', 'dpop+jwt', 'JWE'])('refuses typ %s', async (typ) => {
      expect(await statusFor(await issuer.sign(claims, { typ }))).toBe(401);
    });

    it.each(['JWT', 'jwt', 'at+jwt', 'application/at+jwt'])('takes typ %s', async (typ) => {
      expect(await statusFor(await issuer.sign(claims, { typ }))).toBe(200);
    });

    it('lets a token without scopes, such as an identity token, do nothing', async () => {
      expect(await statusFor(await signWith({ scope: undefined }))).toBe(403);
    });
  });
});

describe('a token in time', () => {
  it('needs an end', async () => {
    expect(await statusFor(await signWith({ exp: undefined }))).toBe(401);
  });

  it.each([
    [{ exp: now - 30 }, 200, 'ended within the tolerance'],
    [{ exp: now - 61 }, 401, 'ended before'],
    [{ nbf: now + 30 }, 200, 'begins within the tolerance'],
    [{ nbf: now + 600 }, 401, 'begins later'],
  ])('%j answers %i: %s', async (differences, status, _why) => {
    expect(await statusFor(await signWith(differences))).toBe(status);
  });
});

describe('a token that is too long', () => {
  it('is refused before its signature is looked at', async () => {
    expect(await statusFor(await signWith({ padding: 'x'.repeat(8_192) }))).toBe(401);
    expect(await statusFor(await signWith({ padding: 'x'.repeat(5_000) }))).toBe(200);
  });
});

describe('JWT_JWKS', () => {
  it('as a file: a key that was taken out opens nothing within a second, one that was put in does', async () => {
    const keySet = join(folder, 'rotating.json');
    const [before, after] = [new TokenIssuer(), new TokenIssuer()];
    await before.writeKeySet(keySet);
    const rotating = await GuardedService.start(TokenIssuer.settings(keySet));
    const token = await before.sign();
    expect(await statusFor(token, rotating.service)).toBe(200);
    await after.writeKeySet(keySet);
    await expectSoon(() => statusFor(token, rotating.service), 401);
    expect(await statusFor(await after.sign(), rotating.service)).toBe(200);
    // Damaged: the last good keys go on.
    await writeFile(keySet, '{"keys":');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await statusFor(await after.sign(), rotating.service)).toBe(200);
    await rotating.service.remove();
  });

  it('as an address: fetched once, not again for each unknown key id; 503 while it does not answer', async () => {
    let hits = 0;
    let answers = false;
    const server = createServer((_request, response) => {
      hits++;
      response.statusCode = answers ? 200 : 500;
      response.end(JSON.stringify(issuer.keySet()));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const fetching = await GuardedService.start(TokenIssuer.settings(`http://127.0.0.1:${port}/jwks.json`));
    const response = await fetching.service
      .get('/predictions')
      .set('Authorization', `Bearer ${await issuer.sign()}`)
      .expect(503);
    expect(problemOf(response).type).toMatch(/:keys-unavailable$/);
    expect(response.headers['retry-after']).toBe('10');
    answers = true;
    hits = 0;
    for (let index = 0; index < 20; index++) {
      expect(await statusFor(await issuer.sign(), fetching.service)).toBe(200);
      expect(await statusFor(await issuer.sign(claims, { kid: `unknown-${index}` }), fetching.service)).toBe(
        401,
      );
    }
    expect(hits).toBe(1);
    await fetching.service.remove();
    server.close();
  });
});

async function expectSoon(ask: () => Promise<number>, status: number): Promise<void> {
  let last = 0;
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    last = await ask();
    if (last === status) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(last).toBe(status);
}
