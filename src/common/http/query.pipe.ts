import { type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { type FieldProblem, ProblemException } from './problem';

/** Checks a query string against a class with class-validator decorators; unknown parameters are refused. */
export class QueryPipe<T extends object> implements PipeTransform<Readonly<Record<string, unknown>>, T> {
  constructor(private readonly type: new () => T) {}

  /** @throws {ProblemException} 400 that names every wrong parameter */
  transform(query: Readonly<Record<string, unknown>>): T {
    const parameters = plainToInstance(this.type, { ...query });
    const errors = validateSync(parameters, {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
    });
    if (errors.length === 0) return parameters;
    const problems = errors.map(({ property, constraints = {} }): FieldProblem => {
      const field = property.slice(0, 64);
      if ('whitelistValidation' in constraints) {
        return { field, code: 'unknown_field', message: `${field} is not a parameter of this address` };
      }
      return {
        field,
        code: 'wrong_format',
        message: `${field} must be ${Object.values(constraints)[0] ?? 'valid'}`,
      };
    });
    throw new ProblemException('invalid-parameter', 'Correct the parameters named in errors.', {
      errors: problems,
    });
  }
}
