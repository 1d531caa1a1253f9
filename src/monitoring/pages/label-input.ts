import { type Bundle } from '../../scoring/bundle/bundle';
import { type Reader } from './reader';

/**
 * What to call an input, a protected attribute or the model's own probability (`probability`) before people:
 * the bundle's label in the reader's language, otherwise the name.
 */
export function labelInput(name: string, bundle: Bundle, reader: Reader): string {
  if (name === 'probability') return reader.texts.frame.probability;
  const input = [...bundle.inputs, ...bundle.protectedInputs].find((one) => one.name === name);
  return input?.label ? reader.translate(input.label) : name;
}
