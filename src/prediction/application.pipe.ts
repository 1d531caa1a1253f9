import { Injectable, type PipeTransform } from '@nestjs/common';
import { parseJsonBody } from '../common/http/parse-json-body';
import { ProblemException } from '../common/http/problem';
import { type ReceivedBody } from '../common/http/read-body';
import { type Application } from '../scoring/application/application';
import { ApplicationChecker } from './application-checker';

/** An application with protected attributes has two levels; one more lets the checker say what is wrong. */
export const MAXIMUM_APPLICATION_DEPTH = 3;

/** Turns a request's body into a checked application. */
@Injectable()
export class ApplicationPipe implements PipeTransform<ReceivedBody, Application> {
  constructor(private readonly checker: ApplicationChecker) {}

  /** @throws {ProblemException} 400 that names every wrong field at once */
  transform(body: ReceivedBody): Application {
    const checked = this.checker.check(parseJsonBody(body.bytes, MAXIMUM_APPLICATION_DEPTH));
    if ('application' in checked) return checked.application;
    throw new ProblemException(
      'invalid-application',
      'Correct the fields named in errors and send it again.',
      {
        errors: checked.problems,
      },
    );
  }
}
