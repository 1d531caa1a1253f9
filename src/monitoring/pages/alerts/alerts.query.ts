import { IsOptional, IsUUID } from 'class-validator';
import { PageQuery } from '../page.query';

/** What the page of alerts takes. */
export class AlertsPageQuery extends PageQuery {
  /** Set by the form that was sent: which alert to confirm. */
  @IsOptional()
  @IsUUID(undefined, { message: 'the id of an alert' })
  acknowledged?: string;
}
