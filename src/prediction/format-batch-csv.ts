import { stringify } from 'csv-stringify/sync';
import { type BatchItem } from './prediction';

/** Columns of a batch's answer; a refused row has its reasons in `error` and nothing else. */
const COLUMNS = ['row', 'id', 'clientId', 'probability', 'score', 'decision', 'error'];

/** A batch's answers as CSV, one row each, numbered from 1. */
export function formatBatchCsv(items: readonly BatchItem[]): string {
  return stringify(
    items.map((item, index) =>
      'decision' in item
        ? [index + 1, item.id, item.clientId ?? '', item.probability, item.score, item.decision, '']
        : [index + 1, '', '', '', '', '', (item.errors ?? []).map((error) => error.message).join('; ')],
    ),
    { header: true, columns: COLUMNS },
  );
}
