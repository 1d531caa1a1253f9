import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TokenIssuer } from '../../../test/factories/token-issuer';
import { TokenVerifier } from './token-verifier';

const NOW_SECONDS = 1_800_000_000;
const issuer = new TokenIssuer();
const claims = issuer.claims(NOW_SECONDS);

let folder: string;
let verifier: TokenVerifier;
let nowSeconds = NOW_SECONDS;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verifier-'));
  const path = join(folder, 'jwks.json');
  await issuer.writeKeySet(path);
  verifier = await TokenVerifier.open(
    {
      issuer: 'https://login.example.org/',
      audience: 'credit-scoring',
      algorithms: ['ES256'],
      keySet: { kind: 'file', path },
    },
    () => nowSeconds * 1_000,
    { error: fail },
  );
});
beforeEach(() => {
  nowSeconds = NOW_SECONDS;
});
afterAll(async () => {
  verifier.close();
  await rm(folder, { recursive: true });
});

describe('TokenVerifier', () => {
  // RFC 7519, 4.1.4: refused "on or after" exp; the brief's tolerance of 60 s on top.
  it.each([
    [{ exp: NOW_SECONDS - 59 }, true],
    [{ exp: NOW_SECONDS - 60 }, false],
    [{ nbf: NOW_SECONDS + 60 }, true],
    [{ nbf: NOW_SECONDS + 61 }, false],
  ])('with %j at the edge of the tolerance: %s', async (differences, valid) => {
    const identity = await verifier.identify(await issuer.sign({ ...claims, ...differences }));
    expect(identity !== undefined).toBe(valid);
  });

  it('recognises a token at once that it has checked, until its end and no longer', async () => {
    const token = await issuer.sign({ ...claims, exp: NOW_SECONDS - 30 });
    expect(verifier.identify(token)).toBeInstanceOf(Promise);
    await verifier.identify(token);
    expect(verifier.identify(token)).toMatchObject({ name: 'batch-job' });
    nowSeconds = NOW_SECONDS + 30;
    expect(await verifier.identify(token)).toBeUndefined();
  });

  it('asks for the signature again after a minute', async () => {
    const token = await issuer.sign(claims);
    await verifier.identify(token);
    nowSeconds = NOW_SECONDS + 61;
    expect(verifier.identify(token)).toBeInstanceOf(Promise);
    expect(await verifier.identify(token)).toMatchObject({ tenant: 'shop' });
  });

  it('does not remember what it refused', async () => {
    const token = await issuer.sign({ ...claims, nbf: NOW_SECONDS + 100 });
    expect(await verifier.identify(token)).toBeUndefined();
    nowSeconds = NOW_SECONDS + 100;
    expect(await verifier.identify(token)).toMatchObject({ name: 'batch-job' });
  });
});

function fail(message: object): void {
  throw new Error(JSON.stringify(message));
}
