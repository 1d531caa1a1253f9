import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type Response } from 'express';
import { map, type Observable } from 'rxjs';
import { csrfToken } from '../../auth/sessions/check-form';
import { type ServiceRequest } from '../../common/http/service-request';
import { Alerts } from '../alerts/alerts';
import { type Page } from './page';
import { setPageHeaders } from './page-headers';
import { PageRenderer } from './page-renderer';
import { findReader, LANGUAGE_COOKIE } from './reader';

/** A year: whoever chose a language meant it. */
const LANGUAGE_COOKIE_SECONDS = 31_536_000;

/** Makes HTML of the `Page` that a handler returned, and remembers a language that was chosen. */
@Injectable()
export class PageInterceptor implements NestInterceptor<Page, string> {
  constructor(
    private readonly renderer: PageRenderer,
    private readonly alerts: Alerts,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler<Page>): Promise<Observable<string>> {
    const http = context.switchToHttp();
    const request = http.getRequest<ServiceRequest>();
    const response = http.getResponse<Response>();
    // Every page shows how many are open.
    await this.alerts.refresh();
    return next.handle().pipe(
      map((page) => {
        const reader = findReader(request);
        const html = this.renderer.render(
          page,
          reader,
          page.address ?? request.originalUrl,
          csrfToken(request),
        );
        setPageHeaders(response);
        if (request.query['lang'] !== undefined) {
          const attributes = `Path=/monitoring; Max-Age=${LANGUAGE_COOKIE_SECONDS}; HttpOnly; SameSite=Strict`;
          response.setHeader('Set-Cookie', `${LANGUAGE_COOKIE}=${reader.language}; ${attributes}`);
        }
        return html;
      }),
    );
  }
}
