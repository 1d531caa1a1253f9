import { mkdtemp, rm, utimes, writeFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeProblem } from '../../src/common/http/problem';
import { openStores, type QueueStores } from '../../src/queue/open-stores';
import { describeQueueStores } from './queue-stores.contract';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'queue-stores-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function open(): Promise<QueueStores> {
  return openStores({ log: { folder, fsync: 'never' } }, undefined, Date.now);
}

/** As if what is kept had been written the day before yesterday. */
async function makeOld(): Promise<void> {
  const old = new Date(Date.now() - 25 * 3_600_000);
  for (const name of await readdir(join(folder, 'failed-jobs'))) {
    await utimes(join(folder, 'failed-jobs', name), old, old);
  }
}

describeQueueStores('files', open, makeOld);

describe('failed jobs in files', () => {
  it('leave no files behind after a day', async () => {
    const { failedJobs } = await open();
    const key = { caller: 'desk', idempotencyKey: 'old' };
    await failedJobs.add(key, describeProblem('job-failed', 'It failed.'));
    const [name = ''] = await readdir(join(folder, 'failed-jobs'));
    await makeOld();
    await (await open()).failedJobs.add({ ...key, idempotencyKey: 'new' }, describeProblem('job-failed', ''));
    expect(await readdir(join(folder, 'failed-jobs'))).not.toContain(name);
  });
});

describe('a damaged place of events', () => {
  it('is named, with what to do, and never guessed', async () => {
    const { eventCursor } = await open();
    await eventCursor.begin('019a0b6e-6f00-7000-8000-0123456789ab');
    await writeFile(join(folder, 'decision-events', 'published-up-to'), '019a0b');
    await expect(eventCursor.load()).rejects.toThrow(/published-up-to: expected the id of a record/);
  });
});
