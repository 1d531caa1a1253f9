import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { readCsvHeader } from '../../src/prediction/csv-applications';
import { compileApplicationReader } from '../../src/scoring/application/compile-application-reader';
import { type Application } from '../../src/scoring/application/application';
import { compileScorer } from '../../src/scoring/bundle/compile-scorer';
import { parseBundle } from '../../src/scoring/bundle/parse-bundle';
import { verifyParity } from '../../src/scoring/bundle/verify-parity';
import { bundleFolder, readBundleFile } from '../factories/bundle';

/** Probabilities in the files are scikit-learn's own: `predict_proba(X)[:, 1]`, n_jobs=1. */
describe.each(['credit-default', 'german-credit'] as const)('the bundle %s', (name) => {
  const bundle = parseBundle('model.json', readBundleFile(name, 'model.json'));
  const scorer = compileScorer(bundle);

  it('scores every parity row as scikit-learn does, bit for bit', () => {
    const parity = JSON.parse(readBundleFile(name, 'parity.json')) as {
      rows: { inputs: Record<string, number> }[];
    };
    expect(verifyParity('parity.json', readBundleFile(name, 'parity.json'), bundle, scorer)).toBe(
      parity.rows.length,
    );
  });

  it('has among its parity rows features that equal a threshold exactly, and missing ones', () => {
    const parity = JSON.parse(readBundleFile(name, 'parity.json')) as {
      rows: { inputs: Application['inputs'] }[];
    };
    const thresholds = bundle.features.map(() => new Set<number>());
    for (const tree of bundle.forest.trees) {
      tree.feature.forEach(
        (feature, node) => feature >= 0 && thresholds[feature]?.add(tree.threshold[node] ?? NaN),
      );
    }
    let hits = 0;
    let missing = 0;
    for (const { inputs } of parity.rows) {
      for (const [column, value] of scorer.computeFeatures(inputs).entries()) {
        if (thresholds[column]?.has(Math.fround(value))) hits++;
        if (Number.isNaN(value)) missing++;
      }
    }
    expect(hits).toBeGreaterThan(0);
    expect(missing).toBeGreaterThan(0);
  });

  it('names the reference sample that lies there, by its SHA-256', () => {
    const { sample, rows } = bundle.reference;
    const bytes = readFileSync(join(bundleFolder(name), sample.path));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sample.sha256);
    expect(bytes.toString('utf8').trimEnd().split('\n')).toHaveLength(sample.rows + 1);
    expect(sample.rows).toBeLessThanOrEqual(rows);
  });
});

describe('the bundle credit-default', () => {
  const text = readBundleFile('credit-default', 'model.json');
  const bundle = parseBundle('model.json', text);

  it('scores all 6,000 hold-out rows as scikit-learn does, bit for bit, one by one and together', () => {
    const [header = [], ...rows] = parse(readFileSync(join('data', 'samples', 'holdout.csv')));
    expect(rows).toHaveLength(bundle.training.split?.holdout ?? 0);
    const { readRow } = readCsvHeader(bundle, header);
    const readApplication = compileApplicationReader(bundle);
    const applications = rows.map((cells) => {
      const application = readApplication(readRow(cells));
      if (!application) throw new Error('A hold-out row is not a valid application');
      return application.inputs;
    });
    const expected = rows.map((cells) => Number(cells[header.indexOf('probability')]));
    const scorer = compileScorer(bundle);
    expect(applications.map((inputs) => scorer.score(inputs))).toEqual(expected);
    expect([...scorer.scoreAll(applications)]).toEqual(expected);
  });

  it('stays within 3 MB and reaches a ROC AUC of 0.785 as the mean of five folds', () => {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3_000_000);
    const { crossValidation } = bundle.training.metrics as {
      crossValidation: { folds: number; rocAuc: { mean: number; values: number[] } };
    };
    expect(crossValidation.rocAuc.values).toHaveLength(5);
    expect(crossValidation.rocAuc.mean).toBeGreaterThanOrEqual(0.785);
  });

  it('reads no protected attribute', () => {
    for (const { name } of bundle.protectedInputs)
      expect(JSON.stringify(bundle.features)).not.toContain(`"${name}"`);
  });
});
