import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../common/http/api-problem.decorator';
import { type Replay, ReplayService } from './replay.service';

/** For auditors: any decision, made again. */
@ApiTags('records')
@Controller('predictions')
export class ReplayController {
  constructor(private readonly replays: ReplayService) {}

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Make a recorded decision again',
    description: 'With the recorded inputs and the very model that decided. Nothing is recorded or changed.',
  })
  @ApiParam({ name: 'id', description: 'The `id` that POST /predict answered.' })
  @ApiResponse({ status: 200, description: 'Both results', schema: { $ref: '#/components/schemas/Replay' } })
  @ApiProblem(404)
  @ApiProblem(409)
  replay(@Param('id') id: string): Promise<Replay> {
    return this.replays.replay(id);
  }
}
