import { type InputValues } from '../application/application';
import { type FeatureDefinition, type Manifest, type Operand, type Transform } from '../manifest/manifest';
import { computeLog1p } from './compute-log1p';

/**
 * Fills `features` (shape [featureCount], float64, in the forest's column order) from an application's
 * inputs; NaN means missing.
 */
export type FeatureComputation = (inputs: InputValues, features: Float64Array) => void;

/** Value of an operand from the encoded inputs; NaN means missing. */
type Evaluate = (encoded: Float64Array) => number;

/**
 * Makes the function that turns inputs into the forest's feature vector, as `models/README.md` defines
 * the operations: float64, left to right, missing operands make the result missing. The training
 * scripts interpret the same list, so the two sides cannot drift apart.
 *
 * The function made keeps one buffer of its own and is not re-entrant (JavaScript runs it to its end).
 *
 * Cost of a call: O(operands), no allocation.
 */
export function compileFeatures(manifest: Manifest): FeatureComputation {
  const { inputs } = manifest;
  const columns = new Map(inputs.map((input, column) => [input.name, column]));
  const compiler = new TransformCompiler(manifest, columns);
  const evaluations = manifest.features.map((feature: FeatureDefinition) =>
    compiler.transform(feature.transform),
  );
  const encoders = inputs.map((input) =>
    input.type === 'category'
      ? new Map(input.categories.map((category, index) => [category, index]))
      : undefined,
  );
  const names = inputs.map((input) => input.name);
  const encoded = new Float64Array(inputs.length);

  return (values, features) => {
    for (let column = 0; column < names.length; column++) {
      const value = values[names[column] as string];
      encoded[column] =
        typeof value === 'number'
          ? value
          : typeof value === 'string'
            ? (encoders[column]?.get(value) ?? NaN)
            : NaN;
    }
    for (let column = 0; column < evaluations.length; column++) {
      features[column] = (evaluations[column] as Evaluate)(encoded);
    }
  };
}

class TransformCompiler {
  constructor(
    private readonly manifest: Manifest,
    private readonly columns: ReadonlyMap<string, number>,
  ) {}

  transform(transform: Transform): Evaluate {
    switch (transform.op) {
      case 'input':
      case 'ordinal':
        return this.column(transform.input);
      case 'oneHot': {
        const input = this.manifest.inputs.find((candidate) => candidate.name === transform.input);
        const index = input?.type === 'category' ? input.categories.indexOf(transform.category) : -1;
        const value = this.column(transform.input);
        return (encoded) => {
          const category = value(encoded);
          return Number.isNaN(category) ? NaN : category === index ? 1 : 0;
        };
      }
      case 'ratio': {
        const numerator = this.operand(transform.numerator);
        const denominator = this.operand(transform.denominator);
        return (encoded) => {
          const divisor = denominator(encoded);
          return divisor === 0 ? NaN : numerator(encoded) / divisor;
        };
      }
      case 'difference': {
        const minuend = this.operand(transform.minuend);
        const subtrahend = this.operand(transform.subtrahend);
        return (encoded) => minuend(encoded) - subtrahend(encoded);
      }
      case 'log1p': {
        const operand = this.operand(transform.of);
        return (encoded) => computeLog1p(operand(encoded));
      }
      case 'sum':
        return this.fold(transform.of, (total, value) => total + value);
      case 'mean': {
        const sum = this.fold(transform.of, (total, value) => total + value);
        const count = transform.of.length;
        return (encoded) => sum(encoded) / count;
      }
      // Math.max and Math.min answer NaN as soon as one operand is missing, as the format asks.
      case 'max':
        return this.fold(transform.of, (largest, value) => Math.max(largest, value));
      case 'min':
        return this.fold(transform.of, (smallest, value) => Math.min(smallest, value));
      case 'weightedSum': {
        const { weights } = transform;
        const terms = transform.of.map((operand, index): Evaluate => {
          const value = this.operand(operand);
          const weight = weights[index] as number;
          return (encoded) => weight * value(encoded);
        });
        return foldEvaluations(terms, (total, value) => total + value);
      }
      case 'countAtLeast': {
        const { threshold } = transform;
        const indicators = transform.of.map((operand): Evaluate => {
          const value = this.operand(operand);
          return (encoded) => {
            const current = value(encoded);
            return Number.isNaN(current) ? NaN : current >= threshold ? 1 : 0;
          };
        });
        return foldEvaluations(indicators, (count, indicator) => count + indicator);
      }
    }
  }

  private operand(operand: Operand): Evaluate {
    return typeof operand === 'string' ? this.column(operand) : this.transform(operand);
  }

  private column(name: string): Evaluate {
    const column = this.columns.get(name);
    if (column === undefined)
      throw new RangeError(`compileFeatures: the manifest has no input named ${name}`);
    return (encoded) => encoded[column] as number;
  }

  private fold(operands: readonly Operand[], combine: (left: number, right: number) => number): Evaluate {
    return foldEvaluations(
      operands.map((operand) => this.operand(operand)),
      combine,
    );
  }
}

/** Left to right from the first value: 0 + x would turn −0 into 0, and order decides the last bit. */
function foldEvaluations(
  evaluations: readonly Evaluate[],
  combine: (left: number, right: number) => number,
): Evaluate {
  return (encoded) => {
    let result = (evaluations[0] as Evaluate)(encoded);
    for (let index = 1; index < evaluations.length; index++) {
      result = combine(result, (evaluations[index] as Evaluate)(encoded));
    }
    return result;
  };
}
