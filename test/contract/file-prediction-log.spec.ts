import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { describePredictionLog, type LogStore } from './prediction-log.contract';

function storeWith(options: {
  fsync: 'never' | 'always';
  maxSegmentBytes?: number;
}): () => Promise<LogStore> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'prediction-log-'));
    return {
      open: (clock) =>
        FilePredictionLog.open({
          folder,
          clock,
          onFatal: (error) => {
            throw error;
          },
          ...options,
        }),
      remove: () => rm(folder, { recursive: true }),
    };
  };
}

describePredictionLog('files', storeWith({ fsync: 'never' }));
describePredictionLog('files, synced', storeWith({ fsync: 'always' }));
describePredictionLog('files, in many small segments', storeWith({ fsync: 'never', maxSegmentBytes: 5000 }));
describePredictionLog('files, a segment for each write', storeWith({ fsync: 'never', maxSegmentBytes: 1 }));
