import { type InputDefinition } from '../manifest/manifest';
import { type InputValue } from './application';

/**
 * Whether a value may stand for an input: of its type, within its bounds or among its categories;
 * null and undefined when it is nullable. NaN and infinities never are.
 */
export function isValidInput(input: InputDefinition, value: unknown): value is InputValue | undefined {
  if (value === null || value === undefined) return input.nullable;
  if (input.type === 'category') return typeof value === 'string' && input.categories.includes(value);
  if (typeof value !== 'number' || !(value >= input.minimum && value <= input.maximum)) return false;
  return input.type === 'number' || Number.isInteger(value);
}
