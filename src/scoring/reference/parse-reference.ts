import { type BundleNode } from '../bundle/bundle-node';
import { type InputDefinition } from '../manifest/manifest';
import { type CategoryDistribution, type NumericDistribution, type Reference } from './reference';

const SHA256_PATTERN = /^[0-9a-f]{64}$/;

/** Deciles have nine inner edges. */
const MOST_EDGES = 9;

/**
 * Reads `reference`.
 *
 * @param inputs all inputs, the protected ones too: each needs its distribution
 * @throws {BundleError} naming the key: edges that do not rise, counts that do not add up to `rows`,
 *   inputs without a distribution or the other way round
 */
export function parseReference(node: BundleNode, inputs: readonly InputDefinition[]): Reference {
  const members = node.members(['rows', 'sample', 'inputs', 'probability']);
  const rows = members.rows.integer(1);
  const sample = members.sample.members(['path', 'rows', 'sha256']);
  const distributions = members.inputs.members(inputs.map((input) => input.name));
  return {
    rows,
    sample: {
      path: sample.path.string(),
      rows: sample.rows.integer(1),
      sha256: sample.sha256.string(SHA256_PATTERN, 'a SHA-256 of 64 lower-case hexadecimal digits'),
    },
    inputs: new Map(
      inputs.map((input) => {
        const distribution = distributions[input.name];
        if (!distribution) return members.inputs.fail(`a distribution for ${input.name}`);
        return [
          input.name,
          input.type === 'category'
            ? parseCategoryDistribution(distribution, rows, input.categories)
            : parseNumericDistribution(distribution, rows),
        ];
      }),
    ),
    probability: parseNumericDistribution(members.probability, rows),
  };
}

function parseNumericDistribution(node: BundleNode, rows: number): NumericDistribution {
  const members = node.members(['edges', 'counts', 'missing', 'mean', 'standardDeviation']);
  const edges: number[] = [];
  for (const element of members.edges.elements()) {
    const edge = element.number();
    const previous = edges.at(-1);
    if (previous !== undefined && edge <= previous) element.fail('an edge above the one before it');
    edges.push(edge);
  }
  if (edges.length > MOST_EDGES) members.edges.fail(`at most ${MOST_EDGES} inner edges`);
  return {
    edges,
    ...parseCounts(members.counts, members.missing, edges.length + 1, rows),
    mean: members.mean.number(),
    standardDeviation: members.standardDeviation.number(0),
  };
}

function parseCategoryDistribution(
  node: BundleNode,
  rows: number,
  categories: readonly string[],
): CategoryDistribution {
  const members = node.members(['categories', 'counts', 'missing']);
  const listed = members.categories.elements().map((element) => element.string());
  if (
    listed.length !== categories.length ||
    listed.some((category, index) => category !== categories[index])
  ) {
    members.categories.fail("the input's categories, in their order");
  }
  return { categories: listed, ...parseCounts(members.counts, members.missing, listed.length, rows) };
}

function parseCounts(
  counts: BundleNode,
  missing: BundleNode,
  length: number,
  rows: number,
): { counts: number[]; missing: number } {
  const values = counts.elements().map((count) => count.integer(0));
  if (values.length !== length) counts.fail(`${length} counts, one per bin`);
  const missingCount = missing.integer(0);
  const total = values.reduce((sum, count) => sum + count, missingCount);
  if (total !== rows)
    counts.fail(`counts that add up, with \`missing\`, to the ${rows} rows of the reference`);
  return { counts: values, missing: missingCount };
}
