import { type InputValues } from '../application/application';
import { isValidInput } from '../application/is-valid-input';
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
  const batch = scorer.scoreAll(inputs);
  nodes.forEach((row, index) => {
    const expected = row.probability.number(0, 1);
    const single = scorer.score(inputs[index] as InputValues);
    if (single !== expected || batch[index] !== expected) {
      row.probability.fail(
        'the probability this service computes, bit for bit (0 differences between scikit-learn and the bundle)',
      );
    }
  });
  return nodes.length;
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
