import { type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync } from 'class-validator';
import { type FieldProblem, ProblemException } from './problem';

/** A parameter name longer than this is the sender's invention: it is cut before it is repeated. */
const LONGEST_NAME = 64;

/** Checks a query string against a class with class-validator decorators; unknown parameters are refused. */
export class QueryPipe<T extends object> implements PipeTransform<Readonly<Record<string, unknown>>, T> {
  private readonly names: ReadonlySet<string>;

  constructor(private readonly type: new () => T) {
    const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
    this.names = new Set(rules.map((rule) => rule.propertyName));
  }

  /** @throws {ProblemException} 400 that names every wrong parameter */
  transform(query: Readonly<Record<string, unknown>>): T {
    // Not left to class-validator's whitelist: names such as toString never reach it.
    const unknown = Object.keys(query)
      .filter((name) => !this.names.has(name))
      .map((name): FieldProblem => {
        const field = name.slice(0, LONGEST_NAME);
        return { field, code: 'unknown_field', message: `${field} is not a parameter of this address` };
      });
    const known = Object.fromEntries(Object.entries(query).filter(([name]) => this.names.has(name)));
    const parameters = plainToInstance(this.type, known);
    const wrong = validateSync(parameters, { forbidUnknownValues: true }).map(
      ({ property: field, constraints = {} }): FieldProblem => {
        const expected = Object.values(constraints)[0] ?? 'valid';
        return { field, code: 'wrong_format', message: `${field} must be ${expected}` };
      },
    );
    const problems = [...unknown, ...wrong];
    if (problems.length === 0) return parameters;
    throw new ProblemException('invalid-parameter', 'Correct the parameters named in errors.', {
      errors: problems,
    });
  }
}
