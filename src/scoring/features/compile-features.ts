import { type InputValues } from '../application/application';
import { type FeatureDefinition, type Manifest, type Operand, type Transform } from '../manifest/manifest';
import { computeLog1p } from './compute-log1p';

/**
 * Fills `features` (shape [featureCount], float64, in the forest's column order) from an application's
 * inputs; NaN means missing.
 */
export type FeatureComputation = (inputs: InputValues, features: Float64Array) => void;

/** Value of a transform whose operands are in their slots already; NaN means missing. */
type Evaluate = (slots: Float64Array) => number;

/**
 * Makes the function that turns inputs into the forest's feature vector, as `models/README.md` defines
 * the operations: float64, left to right, missing operands make the result missing. The training
 * scripts interpret the same list, so the two sides cannot drift apart.
 *
 * The function made keeps one buffer of its own and is not re-entrant (JavaScript runs it to its end).
 *
 * Cost of a call: O(operands), no allocation; a transform that occurs twice is computed once.
 */
export function compileFeatures(manifest: Manifest): FeatureComputation {
  const { inputs } = manifest;
  const program = new ProgramBuilder(manifest);
  const slotOfFeature = manifest.features.map((feature: FeatureDefinition) =>
    program.slotOfTransform(feature.transform),
  );
  const encoders = inputs.map((input) =>
    input.type === 'category'
      ? new Map(input.categories.map((category, index) => [category, index]))
      : undefined,
  );
  const names = inputs.map((input) => input.name);
  const { steps } = program;
  const slots = new Float64Array(names.length + steps.length);

  return (values, features) => {
    for (let column = 0; column < names.length; column++) {
      const value = values[names[column] as string];
      slots[column] =
        typeof value === 'number'
          ? value
          : typeof value === 'string'
            ? (encoders[column]?.get(value) ?? NaN)
            : NaN;
    }
    for (let step = 0; step < steps.length; step++) {
      slots[names.length + step] = (steps[step] as Evaluate)(slots);
    }
    for (let column = 0; column < slotOfFeature.length; column++) {
      features[column] = slots[slotOfFeature[column] as number] as number;
    }
  };
}

/**
 * Lays transforms out as steps, one after the other: inputs are the first slots, and each step fills the next one
 * from slots before it. Calls of functions within functions take three times as long.
 */
class ProgramBuilder {
  readonly steps: Evaluate[] = [];
  private readonly slotOfInput: ReadonlyMap<string, number>;
  /** By the transform's JSON. */
  private readonly slotOfStep = new Map<string, number>();

  constructor(private readonly manifest: Manifest) {
    this.slotOfInput = new Map(manifest.inputs.map((input, slot) => [input.name, slot]));
  }

  /** Where its value will be. */
  slotOfTransform(transform: Transform): number {
    if (transform.op === 'input' || transform.op === 'ordinal') return this.slotOf(transform.input);
    const key = JSON.stringify(transform);
    const known = this.slotOfStep.get(key);
    if (known !== undefined) return known;
    // Operands first: their steps come before.
    const evaluate = this.compile(transform);
    const slot = this.slotOfInput.size + this.steps.length;
    this.steps.push(evaluate);
    this.slotOfStep.set(key, slot);
    return slot;
  }

  private compile(transform: Exclude<Transform, { readonly op: 'input' | 'ordinal' }>): Evaluate {
    switch (transform.op) {
      case 'oneHot': {
        const input = this.manifest.inputs.find((candidate) => candidate.name === transform.input);
        const index = input?.type === 'category' ? input.categories.indexOf(transform.category) : -1;
        return isCategory(this.slotOf(transform.input), index);
      }
      case 'ratio':
        return divide(this.slotOf(transform.numerator), this.slotOf(transform.denominator));
      case 'difference':
        return subtract(this.slotOf(transform.minuend), this.slotOf(transform.subtrahend));
      case 'log1p': {
        const slot = this.slotOf(transform.of);
        return (slots) => computeLog1p(slots[slot] as number);
      }
      case 'sum':
        return sum(this.slotsOf(transform.of));
      case 'mean': {
        const total = sum(this.slotsOf(transform.of));
        const count = transform.of.length;
        return (slots) => total(slots) / count;
      }
      case 'max':
        return findLargest(this.slotsOf(transform.of));
      case 'min':
        return findSmallest(this.slotsOf(transform.of));
      case 'weightedSum':
        return sumWeighted(this.slotsOf(transform.of), transform.weights);
      case 'countAtLeast':
        return countAtLeast(this.slotsOf(transform.of), transform.threshold);
    }
  }

  private slotsOf(operands: readonly Operand[]): number[] {
    return operands.map((operand) => this.slotOf(operand));
  }

  private slotOf(operand: Operand): number {
    if (typeof operand !== 'string') return this.slotOfTransform(operand);
    const slot = this.slotOfInput.get(operand);
    if (slot === undefined)
      throw new RangeError(`compileFeatures: the manifest has no input named ${operand}`);
    return slot;
  }
}

function isCategory(of: number, index: number): Evaluate {
  return (slots) => {
    const category = slots[of] as number;
    return Number.isNaN(category) ? NaN : category === index ? 1 : 0;
  };
}

function divide(numerator: number, denominator: number): Evaluate {
  return (slots) => {
    const divisor = slots[denominator] as number;
    return divisor === 0 ? NaN : (slots[numerator] as number) / divisor;
  };
}

function subtract(minuend: number, subtrahend: number): Evaluate {
  return (slots) => (slots[minuend] as number) - (slots[subtrahend] as number);
}

/** Left to right from the first value, here and below: 0 + x would turn −0 into 0, and order decides the last bit. */
function sum(of: readonly number[]): Evaluate {
  return (slots) => {
    let total = slots[of[0] as number] as number;
    for (let index = 1; index < of.length; index++) total += slots[of[index] as number] as number;
    return total;
  };
}

function sumWeighted(of: readonly number[], weights: readonly number[]): Evaluate {
  return (slots) => {
    let total = (weights[0] as number) * (slots[of[0] as number] as number);
    for (let index = 1; index < of.length; index++) {
      total += (weights[index] as number) * (slots[of[index] as number] as number);
    }
    return total;
  };
}

/** `Math.max` and `Math.min` answer NaN as soon as one operand is missing, as the format asks. */
function findLargest(of: readonly number[]): Evaluate {
  return (slots) => {
    let largest = slots[of[0] as number] as number;
    for (let index = 1; index < of.length; index++) {
      largest = Math.max(largest, slots[of[index] as number] as number);
    }
    return largest;
  };
}

function findSmallest(of: readonly number[]): Evaluate {
  return (slots) => {
    let smallest = slots[of[0] as number] as number;
    for (let index = 1; index < of.length; index++) {
      smallest = Math.min(smallest, slots[of[index] as number] as number);
    }
    return smallest;
  };
}

function countAtLeast(of: readonly number[], threshold: number): Evaluate {
  return (slots) => {
    let count = 0;
    for (let index = 0; index < of.length; index++) {
      const value = slots[of[index] as number] as number;
      if (Number.isNaN(value)) return NaN;
      if (value >= threshold) count += 1;
    }
    return count;
  };
}
