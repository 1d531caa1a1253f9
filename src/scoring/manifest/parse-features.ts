import { type BundleNode } from '../bundle/bundle-node';
import { type FeatureDefinition, type InputDefinition, type Operand, type Transform } from './manifest';

const OPERATIONS = [
  'input',
  'ratio',
  'difference',
  'sum',
  'mean',
  'max',
  'min',
  'weightedSum',
  'countAtLeast',
  'log1p',
  'oneHot',
  'ordinal',
] as const;

/** Deeper nesting is a mistake of the exporter, and the limit bounds the recursion. */
const MAXIMUM_NESTING = 16;

/**
 * Reads `features`.
 *
 * @param inputs the scored inputs: naming any other, a protected one above all, is refused
 * @throws {BundleError} naming the key
 */
export function parseFeatures(list: BundleNode, inputs: readonly InputDefinition[]): FeatureDefinition[] {
  const reader = new TransformReader(inputs);
  const names = new Set<string>();
  return list.elements(1).map((element) => {
    const members = element.members(['name', 'transform']);
    const name = members.name.string();
    if (names.has(name)) members.name.fail('a name that no other feature has');
    names.add(name);
    return { name, transform: reader.transform(members.transform, 0) };
  });
}

class TransformReader {
  private readonly numeric: readonly string[];
  private readonly categories: ReadonlyMap<string, readonly string[]>;

  constructor(inputs: readonly InputDefinition[]) {
    this.numeric = inputs.filter((input) => input.type !== 'category').map((input) => input.name);
    this.categories = new Map(
      inputs.flatMap((input) => (input.type === 'category' ? [[input.name, input.categories] as const] : [])),
    );
  }

  transform(node: BundleNode, depth: number): Transform {
    if (depth > MAXIMUM_NESTING) node.fail(`at most ${MAXIMUM_NESTING} transforms inside each other`);
    const operation = node.entries().get('op');
    if (!operation) return node.fail('an object with `op`');
    const op = operation.oneOf(OPERATIONS);
    switch (op) {
      case 'input': {
        const { input } = node.members(['op', 'input']);
        return { op, input: this.numericName(input) };
      }
      case 'ratio': {
        const { numerator, denominator } = node.members(['op', 'numerator', 'denominator']);
        return {
          op,
          numerator: this.operand(numerator, depth),
          denominator: this.operand(denominator, depth),
        };
      }
      case 'difference': {
        const { minuend, subtrahend } = node.members(['op', 'minuend', 'subtrahend']);
        return { op, minuend: this.operand(minuend, depth), subtrahend: this.operand(subtrahend, depth) };
      }
      case 'sum':
      case 'mean':
      case 'max':
      case 'min':
        return { op, of: this.operands(node.members(['op', 'of']).of, depth) };
      case 'weightedSum': {
        const members = node.members(['op', 'of', 'weights']);
        const of = this.operands(members.of, depth);
        const weights = members.weights.elements(1).map((weight) => weight.number());
        if (weights.length !== of.length) members.weights.fail(`${of.length} weights, one per operand`);
        return { op, of, weights };
      }
      case 'countAtLeast': {
        const members = node.members(['op', 'of', 'threshold']);
        return { op, of: this.operands(members.of, depth), threshold: members.threshold.number() };
      }
      case 'log1p':
        return { op, of: this.operand(node.members(['op', 'of']).of, depth) };
      case 'oneHot': {
        const members = node.members(['op', 'input', 'category']);
        const [input, categories] = this.categoryInput(members.input);
        return { op, input, category: members.category.oneOf(categories) };
      }
      case 'ordinal':
        return { op, input: this.categoryInput(node.members(['op', 'input']).input)[0] };
    }
  }

  private operand(node: BundleNode, depth: number): Operand {
    return typeof node.value === 'string' ? this.numericName(node) : this.transform(node, depth + 1);
  }

  private operands(node: BundleNode, depth: number): Operand[] {
    return node.elements(1).map((element) => this.operand(element, depth));
  }

  private numericName(node: BundleNode): string {
    const name = node.string();
    if (!this.numeric.includes(name))
      node.fail('the name of a number among `inputs` (protected inputs are never scored)');
    return name;
  }

  private categoryInput(node: BundleNode): [name: string, categories: readonly string[]] {
    const name = node.string();
    const categories = this.categories.get(name);
    if (!categories)
      return node.fail('the name of a category among `inputs` (protected inputs are never scored)');
    return [name, categories];
  }
}
