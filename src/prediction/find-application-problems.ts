import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { type FieldProblem, MOST_FIELD_PROBLEMS } from '../common/http/problem';
import { type InputDefinition, type Manifest } from '../scoring/manifest/manifest';
import { type DtoClass } from './application.dto';

/** Constraints from the most telling to the least, and the word a program sees for each. */
const CODES = [
  ['isDefined', 'required'],
  ['isObject', 'wrong_type'],
  ['isNumber', 'wrong_type'],
  ['isInt', 'wrong_type'],
  ['isString', 'wrong_type'],
  ['isIn', 'not_a_category'],
  ['matches', 'wrong_format'],
  ['min', 'out_of_range'],
  ['max', 'out_of_range'],
] as const;

/** A field name longer than this is the sender's invention: it is cut before it is repeated. */
const LONGEST_FIELD_NAME = 64;

/**
 * Everything that is wrong with an application, field by field, by class-validator. Slow (a tenth of a
 * millisecond) and wordy: asked only when the compiled reader said no.
 */
export function findApplicationProblems(dto: DtoClass, manifest: Manifest, body: unknown): FieldProblem[] {
  if (!isObject(body)) {
    return [{ field: '', code: 'wrong_type', message: 'an application must be a JSON object' }];
  }
  const [known, unknown] = splitFields(body, [...namesOf(manifest.inputs), 'clientId', 'protected'], '');
  if (isObject(known['protected'])) {
    const [attributes, others] = splitFields(
      known['protected'],
      namesOf(manifest.protectedInputs),
      'protected.',
    );
    known['protected'] = attributes;
    unknown.push(...others);
  }
  const errors = validateSync(plainToInstance(dto, known), { forbidUnknownValues: true });
  return [...unknown, ...errors.flatMap((error) => describeError(error, ''))];
}

/**
 * Known fields, and a problem for each of the others. Not left to class-validator's whitelist: class-transformer drops
 * fields that are named like a method of every object before the whitelist sees them.
 */
function splitFields(
  body: Readonly<Record<string, unknown>>,
  names: readonly string[],
  parent: string,
): [known: Record<string, unknown>, unknown: FieldProblem[]] {
  const known: Record<string, unknown> = {};
  const unknown: FieldProblem[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (names.includes(name)) {
      known[name] = value;
      continue;
    }
    const field = `${parent}${name.slice(0, LONGEST_FIELD_NAME)}`;
    unknown.push({ field, code: 'unknown_field', message: `${field} is not a field of an application` });
    if (unknown.length > MOST_FIELD_PROBLEMS) break;
  }
  return [known, unknown];
}

function namesOf(inputs: readonly InputDefinition[]): string[] {
  return inputs.map((input) => input.name);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeError(error: ValidationError, parent: string): FieldProblem[] {
  const field = `${parent}${error.property}`;
  const problems = (error.children ?? []).flatMap((child) => describeError(child, `${field}.`));
  const constraints = error.constraints ?? {};
  const known = CODES.find(([name]) => name in constraints);
  if (known === undefined) return problems;
  const [constraint, code] = known;
  return [{ field, code, message: constraints[constraint] ?? `${field} is not valid` }, ...problems];
}
