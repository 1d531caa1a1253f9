import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AccessConfiguration } from '../../config/configuration';
import { KeyRing } from '../keys/key-ring';
import { KeysFile } from '../keys/keys-file';
import { FileEndedSessions } from './file-ended-sessions';
import { SESSION_SECONDS, Sessions } from './sessions';

const NOW_MS = Date.UTC(2026, 10, 23);
let nowMs = NOW_MS;
const clock = (): number => nowMs;

let folder: string;
let access: AccessConfiguration;
let keys: KeyRing;
let text: string;
beforeEach(async () => {
  nowMs = NOW_MS;
  folder = await mkdtemp(join(tmpdir(), 'sessions-'));
  const keysFile = join(folder, 'keys.json');
  access = { mode: 'on', keysFile, sessionSecret: undefined, tokens: undefined };
  ({ text } = await new KeysFile(keysFile).create({ name: 'Ada', tenant: 'a', scopes: ['monitor'] }, nowMs));
  keys = await KeyRing.open(keysFile, clock, { error: fail });
});
afterEach(async () => {
  keys.close();
  await rm(folder, { recursive: true });
});

function openSessions(sessionSecret?: string): Promise<Sessions> {
  const ended = new FileEndedSessions(join(folder, 'ended-sessions'), SESSION_SECONDS * 1_000);
  return Sessions.open({ ...access, sessionSecret }, keys, ended, clock);
}

function start(sessions: Sessions): string {
  const key = keys.identify(text);
  if (key === undefined) throw new Error('The key is not known');
  return sessions.start(key);
}

describe('Sessions', () => {
  it('last eight hours to the second, used or not', async () => {
    const sessions = await openSessions();
    const cookie = start(sessions);
    nowMs += SESSION_SECONDS * 1_000 - 1;
    expect(sessions.identify(cookie)).toMatchObject({ name: 'Ada', method: 'session' });
    nowMs += 1;
    expect(sessions.identify(cookie)).toBeUndefined();
  });

  it('go on after a restart and in another process, because the secret is kept; ended ones stay ended', async () => {
    const before = await openSessions();
    const [cookie, ended] = [start(before), start(before)];
    await before.end(ended);
    const after = await openSessions();
    expect(after.identify(cookie)).toMatchObject({ name: 'Ada' });
    expect(after.identify(ended)).toBeUndefined();
    expect((await stat(join(folder, 'session-secret'))).mode & 0o777).toBe(0o600);
  });

  it('are worth nothing under another secret', async () => {
    const cookie = start(await openSessions('x'.repeat(32)));
    const other = await openSessions('y'.repeat(32));
    expect(other.identify(cookie)).toBeUndefined();
  });

  it('sign for one purpose only: no signature of a form opens a session', async () => {
    const sessions = await openSessions();
    const cookie = start(sessions);
    const claims = cookie.slice(0, cookie.lastIndexOf('.'));
    expect(sessions.identify(`${claims}.${sessions.signLogIn(claims)}`)).toBeUndefined();
    expect((await sessions.identify(cookie))?.csrfToken).not.toBe(cookie.split('.')[3]);
  });

  it('do not begin with a damaged secret: the file is named', async () => {
    await writeFile(join(folder, 'session-secret'), '');
    await expect(openSessions()).rejects.toThrow(/session-secret: expected 43 characters/);
  });
});

function fail(message: object): void {
  throw new Error(JSON.stringify(message));
}
