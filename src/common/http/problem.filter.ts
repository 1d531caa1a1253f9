import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
  NotFoundException,
} from '@nestjs/common';
import { type Response } from 'express';
import { findAllowedMethods } from './find-allowed-methods';
import { type ProblemDocument, ProblemException } from './problem';
import { sendProblem } from './send-problem';
import { type ServiceRequest } from './service-request';

/** Answers every error with a problem document: precise where the caller can act, bland where only we can. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<ServiceRequest>();
    const response = http.getResponse<Response>();
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const problem = this.toProblem(exception, request);
    this.observe(problem, request);
    this.answer(problem, request, response);
  }

  /** For filters that keep a trace of what was refused; must not throw. */
  protected observe(_problem: ProblemException, _request: ServiceRequest): void {
    // Nothing to keep by default.
  }

  /** The problem an exception stands for. */
  private toProblem(exception: unknown, request: ServiceRequest): ProblemException {
    if (exception instanceof ProblemException) return exception;
    // Nest throws this one itself when no route matches; ours are ProblemExceptions.
    if (exception instanceof NotFoundException) return describeUnmatchedRoute(request);
    if (exception instanceof HttpException && exception.getStatus() < 500) {
      return new ProblemException(
        'bad-request',
        'The request could not be understood: check its path and headers.',
      );
    }
    // Express throws it when a parameter of the path cannot be decoded: the caller's mistake, so it is not logged.
    if (exception instanceof URIError) {
      return new ProblemException('bad-request', 'The path is not a valid URI: check its percent-encoding.');
    }
    this.logger.error({ requestId: request.requestId, err: exception });
    return new ProblemException(
      'internal-error',
      'Something failed on our side. Try again; if it stays so, report the request id.',
    );
  }

  protected answer(problem: ProblemException, request: ServiceRequest, response: Response): void {
    const document: ProblemDocument = { ...problem.document, requestId: request.requestId };
    sendProblem(response, document, problem.options.headers);
  }
}

function describeUnmatchedRoute(request: ServiceRequest): ProblemException {
  const allowed = findAllowedMethods(request);
  if (allowed.length === 0) {
    return new ProblemException('not-found', 'No such address. /docs lists the routes of this service.');
  }
  return new ProblemException('method-not-allowed', `This address answers ${allowed.join(', ')}.`, {
    headers: { Allow: allowed.join(', ') },
  });
}
