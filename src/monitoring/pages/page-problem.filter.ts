import { type ArgumentsHost, Catch, Injectable } from '@nestjs/common';
import { type Response } from 'express';
import { csrfToken } from '../../auth/sessions/check-form';
import { type ProblemException } from '../../common/http/problem';
import { ProblemFilter } from '../../common/http/problem.filter';
import { type ServiceRequest } from '../../common/http/service-request';
import { describeReadFailure } from '../../logging/describe-read-failure';
import { setPageHeaders } from './page-headers';
import { PageRenderer } from './page-renderer';
import { findReader } from './reader';

/** Addresses whose problems are read by people, unless they ask for something else. */
const PAGES = /^\/monitoring(?!\/(api|assets)(\/|$))(\/|$)/;

/** Answers a problem below `/monitoring` with a page in the reader's language, or the log-in; all others as ever. */
@Catch()
@Injectable()
export class PageProblemFilter extends ProblemFilter {
  constructor(private readonly renderer: PageRenderer) {
    super();
  }

  /** What pages show may be kept where the log is: while it is away that is no defect, and told as a 503. */
  override catch(exception: unknown, host: ArgumentsHost): void {
    super.catch(describeReadFailure(exception), host);
  }

  protected override answer(problem: ProblemException, request: ServiceRequest, response: Response): void {
    // Asked in this order, a client that takes anything gets the document that programs understand.
    if (!PAGES.test(request.path) || request.accepts(['json', 'html']) !== 'html') {
      super.answer(problem, request, response);
      return;
    }
    const reader = findReader(request);
    const { status, detail, errors = [] } = problem.document;
    if (status === 401) {
      // What was posted is lost with the session: the page it was on is not.
      const to = request.method === 'GET' ? request.originalUrl : '/monitoring';
      response.redirect(303, `/monitoring/login?to=${encodeURIComponent(to)}`);
      return;
    }
    const html = this.renderer.render(
      {
        view: 'problem',
        title: reader.texts.frame.problems[status] ?? problem.document.title,
        section: 'overview',
        content: { status, detail, errors, requestId: request.requestId },
        refreshable: false,
      },
      reader,
      null,
      csrfToken(request),
    );
    setPageHeaders(response);
    for (const [name, value] of Object.entries(problem.options.headers ?? {}))
      response.setHeader(name, value);
    response.setHeader('X-Request-Id', request.requestId);
    response.statusCode = status;
    response.end(html);
  }
}
