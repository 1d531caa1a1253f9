import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFolder, readBundleFile } from '../../../test/factories/bundle';
import { parseBundle } from '../../scoring/bundle/parse-bundle';
import { type ReferenceSample } from './drift-window';
import { loadReferenceSample, ReferenceSampleError } from './load-reference-sample';

const bundle = parseBundle('model.json', readBundleFile('german-credit', 'model.json'));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reference-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Loads a file that the bundle names, changed; with `rehashed` the bundle names its new SHA-256. */
async function loadChanged(change: (text: string) => string, rehashed = true): Promise<ReferenceSample> {
  const text = change(await readFile(join(bundleFolder('german-credit'), 'reference.csv'), 'utf8'));
  await writeFile(join(folder, 'reference.csv'), text);
  const sha256 = rehashed ? createHash('sha256').update(text).digest('hex') : bundle.reference.sample.sha256;
  const reference = { ...bundle.reference, sample: { ...bundle.reference.sample, sha256 } };
  return loadReferenceSample({ bundle: { ...bundle, reference }, folder });
}

describe('loadReferenceSample', () => {
  it.each(['credit-default', 'german-credit'] as const)(
    'reads the rows that the bins of %s were counted from',
    async (name) => {
      const model = parseBundle('model.json', readBundleFile(name, 'model.json'));
      const sample = await loadReferenceSample({ bundle: model, folder: bundleFolder(name) });
      const { reference } = model;
      expect(sample.rows).toBe(reference.rows);
      expect(sample.probability).toHaveLength(reference.rows);
      for (const [input, distribution] of reference.inputs) {
        const values = sample.numbers.get(input);
        expect(values !== undefined).toBe('edges' in distribution);
        if (!values || !('edges' in distribution)) continue;
        expect(values).toHaveLength(reference.rows - distribution.missing);
        expect([...values]).toEqual([...values].sort((left, right) => left - right));
        const [edge = 0] = distribution.edges;
        expect(values.filter((value) => value <= edge)).toHaveLength(distribution.counts[0] ?? NaN);
      }
    },
  );

  it('says where the file is expected when it is not there', async () => {
    const loading = loadReferenceSample({ bundle, folder });
    await expect(loading).rejects.toThrow(ReferenceSampleError);
    await expect(loading).rejects.toThrow(
      /reference\.csv: expected a file that can be read \(ENOENT\).*models\/README\.md/,
    );
  });

  it.each([
    {
      what: 'another file',
      change: (text: string) => `${text}\n`,
      rehashed: false,
      message: /SHA-256 that the bundle names/,
    },
    {
      what: 'fewer rows',
      change: (text: string) => text.slice(0, text.trimEnd().lastIndexOf('\n')),
      message: /400 rows and found 399/,
    },
    {
      what: 'a column that is missing',
      change: (text: string) => text.replace('age', 'years'),
      message: /a column age/,
    },
    {
      what: 'a word among numbers',
      change: (text: string) => text.replace('noAccount,12,', 'noAccount,twelve,'),
      message: /a number or nothing in row 1, column durationMonths/,
    },
    { what: 'a row that is cut off', change: (text: string) => text.slice(0, -30), message: /as many cells/ },
  ])('refuses $what, naming the file', async ({ change, rehashed, message }) => {
    const loading = loadChanged(change, rehashed);
    await expect(loading).rejects.toThrow(ReferenceSampleError);
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toThrow(join(folder, 'reference.csv'));
  });
});
