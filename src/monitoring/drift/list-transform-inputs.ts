import { type Operand, type Transform } from '../../scoring/manifest/manifest';

/** Names of the inputs that a transform reads, each once, in the order in which it reads them. */
export function listTransformInputs(transform: Transform): readonly string[] {
  return [...new Set(readTransform(transform))];
}

function readTransform(transform: Transform): readonly string[] {
  switch (transform.op) {
    case 'input':
    case 'ordinal':
    case 'oneHot':
      return [transform.input];
    case 'ratio':
      return [transform.numerator, transform.denominator].flatMap(readOperand);
    case 'difference':
      return [transform.minuend, transform.subtrahend].flatMap(readOperand);
    case 'log1p':
      return readOperand(transform.of);
    case 'sum':
    case 'mean':
    case 'max':
    case 'min':
    case 'weightedSum':
    case 'countAtLeast':
      return transform.of.flatMap(readOperand);
  }
}

function readOperand(operand: Operand): readonly string[] {
  return typeof operand === 'string' ? [operand] : readTransform(operand);
}
