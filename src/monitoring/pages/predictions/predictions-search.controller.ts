import { Controller, Get, Query, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { RequireScope } from '../../../auth/route-access.decorator';
import { QueryPipe } from '../../../common/http/query.pipe';
import { isRecordId } from '../../../logging/issue-record-id';
import { SearchQuery } from './predictions.query';

/** The search box: a record's id leads to the record, anything else to the decisions of that client. */
@ApiExcludeController()
@RequireScope('monitor')
@Controller('monitoring/predictions/find')
export class PredictionsSearchController {
  @Get()
  @Redirect('/monitoring/predictions', 303)
  find(@Query(new QueryPipe(SearchQuery)) { search = '' }: SearchQuery): { url: string } | undefined {
    const sought = search.trim();
    if (sought === '') return undefined;
    if (isRecordId(sought.toLowerCase())) return { url: `/monitoring/predictions/${sought.toLowerCase()}` };
    return { url: `/monitoring/predictions?clientId=${encodeURIComponent(sought)}` };
  }
}
