import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileLogReader } from '../../src/logging/file/file-log-reader';
import { FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { describePredictionLog, type LogStore } from './prediction-log.contract';
import { unhurriedTime } from './unhurried-time';

function storeWith({
  beside = false,
  ...options
}: {
  fsync: 'never' | 'always';
  maxSegmentBytes?: number;
  /** Whether records are read by a reader of the folder instead of the writer. */
  beside?: boolean;
}): () => Promise<LogStore> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'prediction-log-'));
    return {
      open: async (clock) => {
        const writer = await FilePredictionLog.open({
          folder,
          clock,
          onFatal: (error) => {
            throw error;
          },
          ...options,
        });
        const reader = beside ? await FileLogReader.open({ folder, time: unhurriedTime() }) : writer;
        return { writer, reader };
      },
      remove: () => rm(folder, { recursive: true }),
    };
  };
}

describePredictionLog('files', storeWith({ fsync: 'never' }));
describePredictionLog('files, synced', storeWith({ fsync: 'always' }));
describePredictionLog('files, in many small segments', storeWith({ fsync: 'never', maxSegmentBytes: 5000 }));
describePredictionLog('files, a segment for each write', storeWith({ fsync: 'never', maxSegmentBytes: 1 }));
describePredictionLog('files, read beside the writer', storeWith({ fsync: 'never', beside: true }));
describePredictionLog(
  'files in many small segments, read beside the writer',
  storeWith({ fsync: 'never', maxSegmentBytes: 5000, beside: true }),
);
describePredictionLog(
  'files, a segment for each write, read beside the writer',
  storeWith({ fsync: 'never', maxSegmentBytes: 1, beside: true }),
);
