import { Injectable } from '@nestjs/common';
import { type FieldProblem } from '../common/http/problem';
import { ActiveModels } from '../model/active-models';
import { type Application } from '../scoring/application/application';
import { createApplicationDto, type DtoClass } from './application.dto';
import { findApplicationProblems } from './find-application-problems';

/** Checks parsed bodies against the manifest of the model that decides. */
@Injectable()
export class ApplicationChecker {
  /** The request DTO of the current manifest, also what Swagger shows. */
  readonly dto: DtoClass;

  constructor(private readonly models: ActiveModels) {
    this.dto = createApplicationDto(models.champion().bundle);
  }

  /** The application, or all that is wrong with it. */
  check(body: unknown): { application: Application } | { problems: readonly FieldProblem[] } {
    const model = this.models.champion();
    const application = model.readApplication(body);
    if (application !== undefined) return { application };
    const problems = findApplicationProblems(this.dto, model.bundle, body);
    if (problems.length > 0) return { problems };
    // The two readings of one manifest disagree: a defect of ours, which must not pass as valid.
    throw new Error('ApplicationChecker: the compiled reader refused a body that the request DTO accepts');
  }
}
