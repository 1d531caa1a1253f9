import { readBundleFile } from '../../../test/factories/bundle';
import { BundleError } from './bundle-error';
import { parseBundle } from './parse-bundle';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
const text = readBundleFile('german-credit', 'model.json');
const intact = JSON.parse(text) as { [key: string]: Json };

/** The value at a path, so that it can be damaged. */
function at(root: Json, path: string): { parent: { [key: string]: Json }; key: string } {
  const keys = path.replace(/\[(\d+)\]/g, '.$1').split('.');
  const last = keys.pop() ?? '';
  let parent = root as { [key: string]: Json };
  for (const key of keys) parent = parent[key] as { [key: string]: Json };
  return { parent, key: last };
}

function refusalOf(damage: (bundle: { [key: string]: Json }) => void): BundleError {
  const bundle = structuredClone(intact);
  damage(bundle);
  try {
    parseBundle('model.json', JSON.stringify(bundle));
  } catch (error) {
    if (error instanceof BundleError) return error;
    throw error;
  }
  throw new Error('The damaged bundle was accepted');
}

const numeric = (intact['inputs'] as { type: string }[]).findIndex((input) => input.type !== 'category');
const category = (intact['inputs'] as { type: string }[]).findIndex((input) => input.type === 'category');
const protectedName = (intact['protectedInputs'] as { name: string }[])[0]?.name ?? '';
const firstName = (intact['inputs'] as { name: string }[])[0]?.name ?? '';
const numericName = (intact['inputs'] as { name: string }[])[numeric]?.name ?? '';
const nodeCount = (intact['forest'] as { trees: { feature: number[] }[] }).trees[0]?.feature.length ?? 0;
const inner =
  (intact['forest'] as { trees: { feature: number[] }[] }).trees[0]?.feature.findIndex((f) => f >= 0) ?? 0;
const leaf =
  (intact['forest'] as { trees: { feature: number[] }[] }).trees[0]?.feature.findIndex((f) => f < 0) ?? 0;
const tree = 'forest.trees[0]';

describe('parseBundle', () => {
  it('reads an intact bundle', () => {
    const bundle = parseBundle('model.json', text);
    expect(bundle.name).toBe('german-credit');
    expect(bundle.forest.featureCount).toBe(bundle.features.length);
    expect(bundle.reasons.map((reason) => reason.input)).toEqual(bundle.inputs.map((input) => input.name));
  });

  /** path of the key that is changed, what it becomes (undefined: removed), key the refusal must name when another. */
  it.each<[path: string, value: Json | undefined, named?: string]>([
    ['format', 'credit-scoring-model/2'],
    ['format', undefined],
    ['name', 'Upper Case'],
    ['name', ''],
    ['version', '1.0'],
    ['createdAt', 'yesterday'],
    ['createdAt', '2026-02-30T00:00:00Z'],
    ['version', '01.0.0'],
    ['policy.points.baseScore', 1e308],
    ['createdAt', '2026-13-45T00:00:00Z'],
    ['surprise', 1],
    ['training', undefined],
    ['training.library', 'scikit-learn'],
    ['training.dataset.sha256', 'abc'],
    ['training.dataset.rows', 0],
    ['training.seed', -1],
    ['training.seed', 1.5],
    ['inputs', []],
    ['inputs', {}],
    [`inputs[${numeric}].name`, 'with space'],
    [`inputs[${numeric}].name`, 'constructor'],
    [`inputs[${numeric}].name`, 'clientId'],
    ['inputs[1].name', firstName],
    [`inputs[${numeric}].type`, 'text'],
    [`inputs[${numeric}].minimum`, undefined, `inputs[${numeric}]`],
    [`inputs[${numeric}].minimum`, 1e308, `inputs[${numeric}].`],
    [`inputs[${numeric}].maximum`, '10'],
    [`inputs[${numeric}].nullable`, 'yes'],
    [`inputs[${numeric}].example`, 1e300],
    [`inputs[${numeric}].categories`, ['a']],
    [`inputs[${numeric}].label`, { en: 'Amount' }, `inputs[${numeric}].label.fr`],
    [`inputs[${category}].categories`, []],
    [`inputs[${category}].categories`, undefined, `inputs[${category}]`],
    [`inputs[${category}].categories[1]`, 'twice', `inputs[${category}]`],
    [`inputs[${category}].categories[1]`, ' padded '],
    [`inputs[${category}].minimum`, 0],
    [`inputs[${category}].example`, 'no such category'],
    ['protectedInputs[0].name', firstName],
    ['features', []],
    ['features[0].transform', { op: 'eval', code: '1' }, 'features[0].transform.op'],
    ['features[0].transform', { op: 'input' }, 'features[0].transform.input'],
    ['features[0].transform', { op: 'input', input: 'nobody' }, 'features[0].transform.input'],
    ['features[0].transform', { op: 'input', input: protectedName }, 'features[0].transform.input'],
    [
      'features[0].transform',
      { op: 'oneHot', input: protectedName, category: 'x' },
      'features[0].transform.input',
    ],
    ['features[0].transform', { op: 'sum', of: [] }, 'features[0].transform.of'],
    [
      'features[0].transform',
      { op: 'weightedSum', of: [numericName], weights: [1, 2] },
      'features[0].transform.weights',
    ],
    [
      'features[0].transform',
      { op: 'countAtLeast', of: [numericName], threshold: null },
      'features[0].transform.threshold',
    ],
    [
      'features[0].transform',
      { op: 'oneHot', input: numericName, category: 'x' },
      'features[0].transform.input',
    ],
    ['features[0].transform', { op: 'sum', of: [numericName], extra: 1 }, 'features[0].transform.extra'],
    ['features[1].name', 'SAME', 'features'],
    ['forest.trees', []],
    ['forest.trees', undefined],
    [`${tree}.feature[${inner}]`, 100_000],
    [`${tree}.feature[${inner}]`, -2],
    [`${tree}.feature[${inner}]`, 0.5],
    [`${tree}.feature`, []],
    [`${tree}.threshold[${inner}]`, null],
    [`${tree}.threshold[${inner}]`, '1'],
    [`${tree}.threshold`, [0]],
    [`${tree}.threshold[${leaf}]`, 1],
    [`${tree}.left[${inner}]`, nodeCount],
    [`${tree}.left[${inner}]`, 0],
    [`${tree}.right[${inner}]`, -1],
    [`${tree}.right[${leaf}]`, 1],
    [`${tree}.missingGoToLeft[${inner}]`, 2],
    [`${tree}.missingGoToLeft`, undefined],
    [`${tree}.value[${leaf}]`, 1.0000001],
    [`${tree}.value[${leaf}]`, -0.1],
    [`${tree}.value[${inner}]`, 0.5],
    ['policy.version', ''],
    ['policy.bands.approveBelow', 0],
    ['policy.bands.referBelow', 0.0001],
    ['policy.bands.referBelow', 1.5],
    ['policy.costs.missedDefault', -1],
    ['policy.points.baseOdds', 0],
    ['policy.points.pointsToDoubleOdds', 0],
    ['reasons[0].input', 'nobody'],
    ['reasons[0].text.fr', ''],
    ['reasons[1].code', 'SAME', 'reasons'],
    ['reference.rows', 1, 'reference.'],
    ['reference.rows', 100_000, 'reference.'],
    ['reference.sample.sha256', 'xyz'],
    [`reference.inputs.${protectedName}`, undefined],
    ['reference.inputs.nobody', {}],
    [`reference.inputs.${numericName}.edges`, [2, 1], `reference.inputs.${numericName}.edges[1]`],
    [`reference.inputs.${numericName}.counts[0]`, -1],
    ['reference.probability.missing', 1, 'reference.probability'],
    ['reference.probability.standardDeviation', -1],
  ])('refuses %s = %j, naming the file and the key', (path, value, named = path) => {
    const refusal = refusalOf((bundle) => {
      const { parent, key } = at(bundle, path);
      if (value === undefined) Reflect.deleteProperty(parent, key);
      else
        parent[key] = value === 'SAME' ? (at(bundle, path.replace('[1]', '[0]')).parent[key] ?? null) : value;
      if (value === 'twice') (parent as unknown as Json[])[0] = 'twice';
    });
    expect(refusal.file).toBe('model.json');
    expect(refusal.key.startsWith(named)).toBe(true);
    expect(refusal.message).toMatch(/^model\.json: .*: expected .+\. Export the bundle again/);
  });

  it('refuses a cycle, a shared child and an orphan, each by its key', () => {
    const trees = (node: number[][]): Json => {
      const [feature = [], left = [], right = []] = node;
      const zeros = feature.map(() => 0);
      return { trees: [{ feature, threshold: zeros, left, right, missingGoToLeft: zeros, value: zeros }] };
    };
    const refuse = (forest: Json): BundleError =>
      refusalOf((bundle) => {
        bundle['forest'] = forest;
      });
    // Node 1 leads back to itself.
    const cycle = refuse(
      trees([
        [0, 0, -1],
        [1, 1, -1],
        [2, 2, -1],
      ]),
    );
    expect(cycle.key).toMatch(/^forest\.trees\[0\]\.(left|right)\[\d\]$/);
    // Both branches of the root lead to node 1; node 2 is left over.
    const shared = refuse(
      trees([
        [0, -1, -1],
        [1, -1, -1],
        [1, -1, -1],
      ]),
    );
    expect(shared.key).toBe('forest.trees[0].right[0]');
    const orphan = refuse(
      trees([
        [0, -1, -1, -1],
        [1, -1, -1, -1],
        [2, -1, -1, -1],
      ]),
    );
    expect(orphan.expectation).toContain('node 3 is an orphan');
  });

  it.each([
    ['nothing', ''],
    ['half of itself', text.slice(0, text.length / 2)],
    ['one character less', text.trimEnd().slice(0, -1)],
    ['an array', '[]'],
    ['null', 'null'],
    ['a threshold that is infinite', text.replace(/"threshold":\s*\[\s*[^,\]]+/, '"threshold":[1e999')],
  ])('refuses a file that holds %s', (_what, damaged) => {
    expect(() => parseBundle('model.json', damaged)).toThrow(BundleError);
  });
});
