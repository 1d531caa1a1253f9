import { type Operand, type Transform } from '../../../scoring/manifest/manifest';

/** A transform as a formula of inputs: `ratio(difference(billAmount2, paymentAmount1), creditLimit)`. */
export function describeTransform(transform: Transform): string {
  switch (transform.op) {
    case 'input':
      return transform.input;
    case 'ratio':
      return call('ratio', [transform.numerator, transform.denominator]);
    case 'difference':
      return call('difference', [transform.minuend, transform.subtrahend]);
    case 'sum':
    case 'mean':
    case 'max':
    case 'min':
      return call(transform.op, transform.of);
    case 'weightedSum':
      return `weightedSum(${transform.of
        .map((operand, index) => `${transform.weights[index] ?? 0} · ${describeOperand(operand)}`)
        .join(', ')})`;
    case 'countAtLeast':
      return `countAtLeast(${transform.threshold}; ${transform.of.map(describeOperand).join(', ')})`;
    case 'log1p':
      return call('log1p', [transform.of]);
    case 'oneHot':
      return `${transform.input} = ${transform.category}`;
    case 'ordinal':
      return `ordinal(${transform.input})`;
  }
}

function call(name: string, operands: readonly Operand[]): string {
  return `${name}(${operands.map(describeOperand).join(', ')})`;
}

function describeOperand(operand: Operand): string {
  return typeof operand === 'string' ? operand : describeTransform(operand);
}
