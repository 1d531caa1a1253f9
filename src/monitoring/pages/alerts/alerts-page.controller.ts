import { Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { type Response } from 'express';
import { AUDIT, type Audit } from '../../../common/audit';
import { ProblemException } from '../../../common/http/problem';
import { QueryPipe } from '../../../common/http/query.pipe';
import { readAuditContext } from '../../../common/read-audit-context';
import { type ReceivedBody } from '../../../common/http/read-body';
import { RequestBody } from '../../../common/http/request-body.decorator';
import { readRequestContext } from '../../../common/http/request-context';
import { type ServiceRequest } from '../../../common/http/service-request';
import { ActiveModels } from '../../../model/active-models';
import { Alerts } from '../../alerts/alerts';
import { type Page } from '../page';
import { changeQuery } from '../page-addresses';
import { PageController } from '../page-controller.decorator';
import { PageReader, type Reader } from '../reader';
import { AlertsPagesService } from './alerts-pages.service';
import { AlertsPageQuery } from './alerts.query';
import { describeAlerts, type FormOutcome } from './describe-alerts';
import { readNote } from './read-note';

const ADDRESS = '/monitoring/alerts';

/** A note of 500 characters, each of which a form may write with 12 bytes, and some room. */
const FORM = { mediaTypes: ['application/x-www-form-urlencoded'], limitBytes: 8 * 1024 };

/** `/monitoring/alerts`: what wants attention, and who looks after it. */
@PageController('monitoring/alerts')
export class AlertsPageController {
  constructor(
    private readonly pages: AlertsPagesService,
    private readonly alerts: Alerts,
    private readonly models: ActiveModels,
    @Inject(AUDIT) private readonly audit: Audit,
  ) {}

  @Get()
  show(
    @Query(new QueryPipe(AlertsPageQuery)) { acknowledged }: AlertsPageQuery,
    @PageReader() reader: Reader,
    @Req() request: ServiceRequest,
  ): Promise<Page> {
    const outcome = acknowledged === undefined ? null : ({ kind: 'done', alertId: acknowledged } as const);
    // What was confirmed once is not confirmed again by a link of the page.
    return this.describe(outcome, reader, changeQuery(request.originalUrl, { acknowledged: null }));
  }

  /** Leads to the page, so that loading it again sends nothing again; what went wrong is shown at once. */
  @Post(':id/acknowledge')
  async acknowledge(
    @Param('id') id: string,
    @RequestBody(FORM) body: ReceivedBody,
    @Req() request: ServiceRequest,
    @Res({ passthrough: true }) response: Response,
    @PageReader() reader: Reader,
  ): Promise<Page> {
    const outcome = await this.accept(id, body, readRequestContext(request).caller);
    if (outcome.kind === 'done') {
      await this.audit.confirm('alert-acknowledged', readAuditContext(request), {
        subject: id,
        outcome: 'done',
      });
      response.statusCode = 303;
      response.setHeader('Location', `${ADDRESS}?acknowledged=${id}`);
    } else {
      response.statusCode = outcome.kind === 'gone' ? 409 : 400;
    }
    return this.describe(outcome, reader, ADDRESS);
  }

  /** @throws {ProblemException} 404 when there is no such alert */
  private async accept(alertId: string, { bytes }: ReceivedBody, caller: string): Promise<FormOutcome> {
    const sent = readNote(bytes);
    if (sent.problem !== null) {
      if (this.alerts.list().some(({ id }) => id === alertId)) return { kind: 'refused', alertId, sent };
      throw new ProblemException('not-found', 'There is no such alert; the oldest closed ones are dropped.');
    }
    try {
      await this.alerts.acknowledge(alertId, sent.note, caller);
      return { kind: 'done', alertId };
    } catch (error) {
      if (error instanceof ProblemException && error.document.status === 409) {
        return { kind: 'gone', alertId };
      }
      throw error;
    }
  }

  private async describe(outcome: FormOutcome | null, reader: Reader, address: string): Promise<Page> {
    const data = await this.pages.collect();
    return {
      view: 'alerts',
      title: reader.texts.alerts.title,
      section: 'alerts',
      content: describeAlerts(data, outcome, this.models.champion().bundle, reader),
      refreshable: true,
      address,
    };
  }
}
