import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { OpenToEveryone } from '../auth/route-access.decorator';
import { type Health, HealthService } from './health.service';

/** For load balancers and people: can this instance decide? */
@ApiTags('health')
@OpenToEveryone()
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get()
  @ApiOperation({ summary: 'The state of the service and its parts' })
  @ApiResponse({
    status: 200,
    description: 'Able to decide',
    schema: { $ref: '#/components/schemas/Health' },
  })
  @ApiResponse({ status: 503, description: 'Not able; `reason` says why and what to do' })
  check(@Res({ passthrough: true }) response: Response): Promise<Health> {
    return this.answer(response);
  }

  @Get('live')
  @ApiOperation({ summary: 'The process answers; restart it when this fails' })
  @ApiResponse({ status: 200, description: 'Alive' })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    summary:
      'The model passed its gate, the log can be written and each room is ready; send no traffic otherwise',
  })
  @ApiResponse({ status: 200, description: 'Ready', schema: { $ref: '#/components/schemas/Health' } })
  @ApiResponse({ status: 503, description: 'Not ready; `reason` says why and what to do' })
  ready(@Res({ passthrough: true }) response: Response): Promise<Health> {
    return this.answer(response);
  }

  private async answer(response: Response): Promise<Health> {
    const health = await this.health.check();
    response.status(health.status === 'ok' ? 200 : 503);
    return health;
  }
}
