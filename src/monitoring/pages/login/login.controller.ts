import { Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type Response } from 'express';
import { ACCESS_CONTROL, type AccessControl } from '../../../auth/access-control';
import { SESSION_COOKIE } from '../../../auth/authenticator';
import { API_KEY_PATTERN } from '../../../auth/keys/api-key';
import { OpenToEveryone, RequireScope } from '../../../auth/route-access.decorator';
import { CSRF_FIELD, FORM_BODY } from '../../../auth/sessions/check-form';
import { formatCookie, readCookie } from '../../../auth/sessions/cookies';
import { nameAttempt } from '../../../auth/sessions/log-in-brake';
import { refuseOtherSites } from '../../../auth/sessions/refuse-other-sites';
import { SESSION_SECONDS } from '../../../auth/sessions/sessions';
import { AUDIT, type Audit } from '../../../common/audit';
import { QueryPipe } from '../../../common/http/query.pipe';
import { type ReceivedBody } from '../../../common/http/read-body';
import { readAuditContext } from '../../../common/read-audit-context';
import { RequestBody } from '../../../common/http/request-body.decorator';
import { ServiceRequest } from '../../../common/http/service-request';
import { setPageHeaders } from '../page-headers';
import { PageReader, type Reader } from '../reader';
import { chooseDestination } from './choose-destination';
import { isFormOfBrowser, issueForm, withdrawForm } from './log-in-form';
import { LoginPage } from './login-page';
import { LoginQuery } from './login.query';

/** `/monitoring/login` and `/monitoring/logout`: a key for the pages, and back. */
@ApiExcludeController()
@Controller('monitoring')
export class LoginController {
  constructor(
    @Inject(ACCESS_CONTROL) private readonly access: AccessControl,
    private readonly page: LoginPage,
    @Inject(AUDIT) private readonly audit: Audit,
  ) {}

  @Get('login')
  @OpenToEveryone()
  async show(
    @Query(new QueryPipe(LoginQuery)) { to }: LoginQuery,
    @PageReader() reader: Reader,
    @Req() request: ServiceRequest,
    @Res() response: Response,
  ): Promise<void> {
    const destination = chooseDestination(to);
    if (this.access.mode === 'off') {
      response.redirect(303, destination);
      return;
    }
    const { sessions } = this.access;
    const cookie = readCookie(request, SESSION_COOKIE);
    const known = cookie === undefined ? undefined : await sessions.identify(cookie);
    const form = issueForm(request, sessions);
    response.setHeader('Set-Cookie', form.cookie);
    setPageHeaders(response);
    response.end(
      this.page.render(
        {
          destination,
          known: known ?? null,
          form: form.field,
          problem: null,
          // Browsers keep the cookie back when a link on another site leads here, but not when this page does.
          goesOn: to !== undefined && request.headers['sec-fetch-site'] === 'cross-site',
        },
        reader,
      ),
    );
  }

  @Post('login')
  @OpenToEveryone()
  async logIn(
    @RequestBody(FORM_BODY) body: ReceivedBody,
    @PageReader() reader: Reader,
    @Req() request: ServiceRequest,
    @Res() response: Response,
  ): Promise<void> {
    const fields = new URLSearchParams(body.bytes.toString());
    const destination = chooseDestination(fields.get('to'));
    if (this.access.mode === 'off') {
      response.redirect(303, destination);
      return;
    }
    const { sessions, keys, brake } = this.access;
    const refuse = (status: number, problem: string): void => {
      const form = issueForm(request, sessions);
      response.setHeader('Set-Cookie', form.cookie);
      setPageHeaders(response);
      response.statusCode = status;
      response.end(
        this.page.render({ destination, known: null, form: form.field, problem, goesOn: false }, reader),
      );
    };
    const words = reader.texts.login;
    refuseOtherSites(request);
    if (!isFormOfBrowser(request, fields.get(CSRF_FIELD) ?? '', sessions)) {
      refuse(403, words.stale);
      return;
    }
    const text = (fields.get('key') ?? '').trim();
    const attempt = nameAttempt(request.ip, API_KEY_PATTERN.exec(text)?.[1]);
    // A key is recognised before the brake is asked, in a few microseconds: nobody guesses one, so failures of others
    // behind the same address need not keep its owner out. The brake is for those who fail, and for the audit trail.
    const key = keys.identify(text);
    const seconds = await brake.waitSeconds(attempt);
    if (key === undefined && seconds > 0) {
      response.setHeader('Retry-After', seconds);
      refuse(429, words.wait(seconds));
      return;
    }
    if (key === undefined) {
      await brake.fail(attempt);
      this.audit.note('log-in-failed', readAuditContext(request), { outcome: 'refused' });
      response.setHeader('WWW-Authenticate', 'Bearer realm="credit-scoring"');
      refuse(401, words.refused);
      return;
    }
    // Those who fail meanwhile gain nothing from it.
    if (seconds === 0) await brake.succeed(attempt);
    if (!key.identity.scopes.includes('monitor')) {
      refuse(403, words.notAllowed);
      return;
    }
    const context = { ...readAuditContext(request), caller: key.identity.name };
    this.audit.note('log-in', context, { outcome: 'done' });
    response.setHeader('Set-Cookie', [
      formatCookie(request, SESSION_COOKIE, sessions.start(key), SESSION_SECONDS),
      withdrawForm(request),
    ]);
    response.redirect(303, destination);
  }

  /** The session ends here, not only in the browser: a copy of its cookie is worth nothing either. */
  @Post('logout')
  @RequireScope('monitor')
  async logOut(@Req() request: ServiceRequest, @Res() response: Response): Promise<void> {
    const cookie = readCookie(request, SESSION_COOKIE);
    if (this.access.mode === 'on' && cookie !== undefined) await this.access.sessions.end(cookie);
    this.audit.note('log-out', readAuditContext(request), { outcome: 'done' });
    response.setHeader('Set-Cookie', formatCookie(request, SESSION_COOKIE, '', 0));
    response.redirect(303, '/monitoring/login');
  }
}
