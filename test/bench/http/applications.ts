import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { readCsvHeader } from '../../../src/prediction/csv-applications';
import { type Bundle } from '../../../src/scoring/bundle/bundle';
import { parseBundle } from '../../../src/scoring/bundle/parse-bundle';

/** The bundle that the service and its peers load; paths are relative to the repository. */
export const BUNDLE_FOLDER = 'models/credit-default/1.0.0';
const MODEL_FILE = `${BUNDLE_FOLDER}/model.json`;
const HOLDOUT_FILE = 'data/samples/holdout.csv';

/** A client of the hold-out sample as a request, and what scikit-learn said of them. */
export interface HoldoutApplication {
  /** JSON of the application, as a client would send it. */
  readonly body: string;
  /** scikit-learn's probability of default, every bit of it. */
  readonly probability: number;
}

/** The bundle itself. */
export function readBundle(): Bundle {
  return parseBundle(MODEL_FILE, readFileSync(MODEL_FILE, 'utf8'));
}

/** All hold-out clients, in the order of the file. */
export function readHoldoutApplications(): HoldoutApplication[] {
  const [header = [], ...rows]: string[][] = parse(readFileSync(HOLDOUT_FILE));
  const { readRow } = readCsvHeader(readBundle(), header);
  const probability = header.indexOf('probability');
  return rows.map((cells) => ({
    body: JSON.stringify(readRow(cells)),
    probability: Number(cells[probability]),
  }));
}
