import { type InputValues } from '../application/application';
import { isValidInput } from '../application/is-valid-input';
import { FeatureVectorError } from '../forest/feature-vector-error';
import { type Bundle } from './bundle';
import { BundleNode } from './bundle-node';
import { type Scorer } from './compile-scorer';

/** The only parity format there is so far. */
const PARITY_FORMAT = 'credit-scoring-parity/1';

/** Fewer rows would leave too many leaves untried. */
const FEWEST_ROWS = 500;

/**
 * The gate every model passes before it decides anything: all rows of `parity.json` must score exactly
 * as scikit-learn scored them, one by one and as a batch.
 *
 * @param file what to call the file in errors
 * @param text the whole `parity.json`
 * @returns how many rows agreed
 * @throws {BundleError} at the first row that differs in any bit, or that cannot be read
 */
export function verifyParity(file: string, text: string, bundle: Bundle, scorer: Scorer): number {
  const { format, rows } = BundleNode.parse(file, text).members(['format', 'rows']);
  format.oneOf([PARITY_FORMAT]);
  const nodes = rows.elements(FEWEST_ROWS).map((row) => row.members(['inputs', 'probability']));
  const inputs = nodes.map((row) => readInputs(row.inputs, bundle));
  // One by one first: an overflow is found in its row.
  const singles = nodes.map((row, index) => scoreOne(scorer, inputs[index] as InputValues, row.inputs));
  const batch = scorer.scoreAll(inputs);
  nodes.forEach((row, index) => {
    const expected = row.probability.number(0, 1);
    if (singles[index] !== expected || batch[index] !== expected) {
      row.probability.fail(
        'the probability this service computes, bit for bit (0 differences between scikit-learn and the bundle)',
      );
    }
  });
  return nodes.length;
}

function scoreOne(scorer: Scorer, inputs: InputValues, node: BundleNode): number {
  try {
    return scorer.score(inputs);
  } catch (error) {
    if (error instanceof FeatureVectorError)
      return node.fail('inputs whose features are all finite as float32');
    throw error;
  }
}

function readInputs(node: BundleNode, bundle: Bundle): InputValues {
  const members = node.members(bundle.inputs.map((input) => input.name));
  return Object.fromEntries(
    bundle.inputs.map((input) => {
      const member = members[input.name];
      const value = member?.value;
      if (!isValidInput(input, value)) return (member ?? node).fail(`a valid ${input.name}`);
      return [input.name, value ?? null];
    }),
  );
}
