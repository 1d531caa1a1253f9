import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { type FieldProblem } from '../common/http/problem';
import { type DtoClass } from './application.dto';

/** Constraints from the most telling to the least, and the word a program sees for each. */
const CODES = [
  ['whitelistValidation', 'unknown_field'],
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
export function findApplicationProblems(dto: DtoClass, body: unknown): FieldProblem[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return [{ field: '', code: 'wrong_type', message: 'an application must be a JSON object' }];
  }
  const errors = validateSync(plainToInstance(dto, body), {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
  });
  return errors.flatMap((error) => describeError(error, ''));
}

function describeError(error: ValidationError, parent: string): FieldProblem[] {
  const field = `${parent}${error.property.slice(0, LONGEST_FIELD_NAME)}`;
  const problems = (error.children ?? []).flatMap((child) => describeError(child, `${field}.`));
  const constraints = error.constraints ?? {};
  const known = CODES.find(([name]) => name in constraints);
  if (known === undefined) return problems;
  const [constraint, code] = known;
  const message =
    code === 'unknown_field' ? `${field} is not a field of an application` : constraints[constraint];
  return [{ field, code, message: message ?? `${field} is not valid` }, ...problems];
}
