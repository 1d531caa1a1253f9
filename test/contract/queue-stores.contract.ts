import { randomUUID } from 'node:crypto';
import { describeProblem } from '../../src/common/http/problem';
import { firstIdAt } from '../../src/logging/issue-record-id';
import { type QueueStores } from '../../src/queue/open-stores';

const PROBLEM = describeProblem('job-failed', 'It failed.', [{ field: 'a', code: 'b', message: 'c' }]);

/**
 * What every keeper of failed jobs and of the place of events promises.
 *
 * @param makeOld lets all failures that are kept be of the day before yesterday
 */
export function describeQueueStores(
  name: string,
  open: () => Promise<QueueStores>,
  makeOld: () => Promise<void>,
): void {
  describe(`${name}: failed jobs`, () => {
    it('are found by the key of their owner only', async () => {
      const { failedJobs } = await open();
      const key = { caller: 'desk', tenant: 'bank', idempotencyKey: randomUUID() };
      expect(await failedJobs.find(key)).toBeUndefined();
      await failedJobs.add(key, PROBLEM);
      expect(await failedJobs.find(key)).toEqual(PROBLEM);
      expect(await failedJobs.find({ ...key, caller: 'other' })).toBeUndefined();
      expect(await failedJobs.find({ ...key, tenant: 'other' })).toBeUndefined();
    });

    it('keep the reason they had first', async () => {
      const { failedJobs } = await open();
      const key = { caller: 'desk', idempotencyKey: randomUUID() };
      await failedJobs.add(key, PROBLEM);
      await failedJobs.add(key, describeProblem('job-failed', 'Another reason.'));
      expect(await failedJobs.find(key)).toEqual(PROBLEM);
    });

    it('are forgotten after a day, and a job that fails again under its key is told with the new reason', async () => {
      const { failedJobs } = await open();
      const key = { caller: 'desk', idempotencyKey: randomUUID() };
      await failedJobs.add(key, PROBLEM);
      await makeOld();
      expect(await failedJobs.find(key)).toBeUndefined();
      const again = describeProblem('job-failed', 'It failed again.');
      await failedJobs.add(key, again);
      expect(await failedJobs.find(key)).toEqual(again);
      await failedJobs.add(key, PROBLEM);
      expect(await failedJobs.find(key)).toEqual(again);
    });
  });

  describe(`${name}: the place of events`, () => {
    it('begins once, moves on, and outlives its process', async () => {
      const { eventCursor } = await open();
      const [first, second] = [firstIdAt(1_000), firstIdAt(2_000)];
      expect(await eventCursor.load()).toBeUndefined();
      expect(await eventCursor.begin(first)).toBe(first);
      expect(await eventCursor.begin(second)).toBe(first);
      await eventCursor.move(second);
      expect(await (await open()).eventCursor.load()).toBe(second);
      expect(await eventCursor.begin(first)).toBe(second);
    });

    it('is not taken back by a publisher that was frozen in the meantime', async () => {
      const { eventCursor } = await open();
      await eventCursor.begin(firstIdAt(1_000));
      await eventCursor.move(firstIdAt(3_000));
      await eventCursor.move(firstIdAt(2_000));
      expect(await eventCursor.load()).toBe(firstIdAt(3_000));
    });
  });
}
