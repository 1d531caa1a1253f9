import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type Response } from 'express';
import { OpenToEveryone } from '../../auth/route-access.decorator';
import { ProblemException } from '../../common/http/problem';
import { Assets } from './assets';

/** Styles and scripts of the pages. */
@ApiExcludeController()
@OpenToEveryone()
@Controller('monitoring/assets')
export class AssetsController {
  constructor(private readonly assets: Assets) {}

  @Get(':name')
  send(@Param('name') name: string, @Query('v') version: unknown, @Res() response: Response): void {
    const asset = this.assets.find(name);
    if (!asset) throw new ProblemException('not-found', 'Pages load no file of this name.');
    response.setHeader('Content-Type', asset.type);
    response.setHeader('Content-Length', asset.content.length);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    const current = version === asset.version;
    response.setHeader('Cache-Control', current ? 'public, max-age=31536000, immutable' : 'no-cache');
    response.end(asset.content);
  }
}
