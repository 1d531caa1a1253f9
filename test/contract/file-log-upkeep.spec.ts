import { FileLogUpkeep } from '../../src/audit/file/file-log-upkeep';
import { FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { LogFolder } from '../factories/log-folder';
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
