import { Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RequireScope } from '../auth/route-access.decorator';
import { AUDIT, type Audit } from '../common/audit';
import { ApiProblem } from '../common/http/api-problem.decorator';
import { readAuditContext } from '../common/read-audit-context';
import { readViewer } from '../common/http/request-context';
import { ServiceRequest } from '../common/http/service-request';
import { type Replay, ReplayService } from './replay.service';

/** For auditors: any decision, made again. */
@ApiTags('records')
@RequireScope('records')
@Controller('predictions')
export class ReplayController {
  constructor(
    private readonly replays: ReplayService,
    @Inject(AUDIT) private readonly audit: Audit,
  ) {}

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Make a recorded decision again',
    description:
      'With the recorded inputs and the very model that decided. Nothing is changed; that it was replayed goes into the audit trail.',
  })
  @ApiParam({ name: 'id', description: 'The `id` that POST /predict answered.' })
  @ApiResponse({ status: 200, description: 'Both results', schema: { $ref: '#/components/schemas/Replay' } })
  @ApiProblem(404)
  @ApiProblem(409)
  async replay(@Param('id') id: string, @Req() request: ServiceRequest): Promise<Replay> {
    const replay = await this.replays.replay(id, readViewer(request));
    const outcome = replay.identical ? 'identical' : 'different';
    this.audit.note('replay', readAuditContext(request), { subject: replay.id, outcome });
    return replay;
  }
}
