import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileEndedSessions } from '../../src/auth/sessions/file-ended-sessions';
import { RedisEndedSessions } from '../../src/auth/sessions/redis-ended-sessions';
import { RedisOfTheSpec } from '../factories/redis-of-the-spec';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 25, 12);

/** Ids as sessions have them. */
const [ID, OTHER_ID] = ['a'.repeat(22), 'b'.repeat(22)] as const;

const redis = RedisOfTheSpec.use();
let folder: string;
let now: number;
let instances: RedisEndedSessions[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ended-sessions-'));
  now = NOON;
  instances = [];
});
afterEach(async () => {
  for (const instance of instances) instance.close();
  await rm(folder, { recursive: true });
});

/** An instance with a folder of its own, in which sessions last eight hours. */
function start(name: string): RedisEndedSessions {
  const files = new FileEndedSessions(join(folder, name), 8 * HOUR);
  const instance = new RedisEndedSessions(redis.connection, files, 8 * HOUR, () => now);
  instances.push(instance);
  return instance;
}

describe('RedisEndedSessions', () => {
  it('knows at once what another instance ended', async () => {
    const [first, second] = [start('first'), start('second')];
    expect(await second.has(ID)).toBe(false);
    await first.add(ID, now);
    expect(await second.has(ID)).toBe(true);
    expect(await second.has(OTHER_ID)).toBe(false);
  });

  it('knows it still while Redis is away, though nobody asked before', async () => {
    const [first, second] = [start('first'), start('second')];
    await first.add(ID, now);
    await second.copy();
    await redis.server.stop();
    expect(await second.has(ID)).toBe(true);
    await redis.comeBack();
  });

  it('copies by itself within a second or two', async () => {
    const second = start('second');
    await start('first').add(ID, now);
    await sleep(2_500);
    expect(await readdir(join(folder, 'second'))).toEqual([ID]);
    expect(second.has(ID)).toBe(true);
  });

  it('gives back what an empty Redis has lost, and what was ended while it was away', async () => {
    const [first, second] = [start('first'), start('second')];
    await first.add(ID, now);
    await redis.server.stop();
    await first.add(OTHER_ID, now);
    expect(await second.has(OTHER_ID)).toBe(false);
    await redis.comeBack();
    await first.copy();
    for (const id of [ID, OTHER_ID]) expect(await second.has(id)).toBe(true);
  });

  it.each(['ended-sessions', 'ended-sessions-mark'])('gives back what Redis dropped: %s', async (dropped) => {
    const first = start('first');
    await first.add(ID, now);
    // Twice: the first copy may find the mark changed.
    for (let time = 0; time < 2; time++) await first.copy();
    await redis.connection.run((client) => client.del(dropped));
    await first.copy();
    expect(await start('new').has(ID)).toBe(true);
  });

  it('forgets a session when it would be over anyway, everywhere', async () => {
    const [first, second] = [start('first'), start('second')];
    await first.add(ID, now);
    await second.copy();
    now += 8 * HOUR + 1;
    for (const instance of [first, second]) {
      await instance.add(OTHER_ID, now);
      await instance.copy();
    }
    const kept = await redis.connection.run((client) => client.zrange('ended-sessions', 0, '-1'));
    expect(kept).toEqual([OTHER_ID]);
    for (const name of ['first', 'second']) expect(await readdir(join(folder, name))).toEqual([OTHER_ID]);
  });

  it('makes no file of what is no id', async () => {
    const instance = start('first');
    await instance.add(ID, now);
    await redis.connection.run((client) => client.zadd('ended-sessions', now, '../../outside'));
    await redis.connection.run((client) => client.set('ended-sessions-mark', 'changed'));
    await instance.copy();
    expect(await readdir(join(folder, 'first'))).toEqual([ID]);
    expect(await readdir(folder)).toEqual(['first']);
  });
});
