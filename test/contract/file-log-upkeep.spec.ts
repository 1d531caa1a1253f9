import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Expired, type LogUpkeep } from '../../src/audit/log-upkeep';
import { FileLogUpkeep } from '../../src/audit/file/file-log-upkeep';
import { FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { listSealedSegments } from '../../src/logging/file/segment-files';
import { LogFolder } from '../factories/log-folder';
import { aDecision } from '../factories/prediction-record';
import { describeLogUpkeep } from './log-upkeep.contract';

describeLogUpkeep('files', async (clock) => {
  const folder = await LogFolder.make();
  const settings = { folder: folder.path, fsync: 'never' } as const;
  const log = await FilePredictionLog.open({
    ...settings,
    clock,
    onFatal: (error) => {
      throw error;
    },
  });
  return {
    log,
    upkeep: new FileLogUpkeep(settings, clock),
    otherUpkeep: new FileLogUpkeep(settings, clock),
    remove: async () => {
      await log.close();
      await folder.remove();
    },
  };
});

describe('a long retention in files, told to stop', () => {
  const DAYS = 100;
  const DAY_MS = 86_400_000;
  let folder: LogFolder;
  let upkeep: LogUpkeep;
  let expired: Expired;

  beforeEach(async () => {
    folder = await LogFolder.make();
    const log = await folder.open();
    for (let day = 0; day <= DAYS; day += 1) {
      await log.append(aDecision());
      folder.now += DAY_MS;
    }
    await log.close();
    upkeep = new FileLogUpkeep({ folder: folder.path, fsync: 'never' }, () => folder.now);
    expired = await upkeep.exclusively(async (session) => {
      await session.hold('somebody-else');
      return session.findExpired(folder.now);
    });
    expect(expired.segments).toHaveLength(DAYS);
  });
  afterEach(() => folder.remove());

  it('stops searching for what is under legal hold', async () => {
    const stopping = new AbortController();
    const stopped = upkeep.exclusively((session) => {
      setImmediate(() => {
        stopping.abort();
      });
      return session.findExpired(folder.now);
    }, stopping.signal);
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('stops removing', async () => {
    const stopping = new AbortController();
    const stopped = upkeep.exclusively(async (session) => {
      const removing = session.removeExpired(expired, folder.now);
      while (existsSync(join(folder.path, expired.segments[0] ?? ''))) await nextTurn();
      stopping.abort();
      await removing;
    }, stopping.signal);
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(await listSealedSegments(folder.path)).not.toEqual([]);
  });
});
