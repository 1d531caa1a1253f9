import { Controller, Get, Inject, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { OpenToEveryone } from './auth/route-access.decorator';
import { CONFIGURATION, type Configuration } from './config/configuration';

/** Whoever opens the bare address is shown where to begin. */
@ApiExcludeController()
@OpenToEveryone()
@Controller()
export class RootController {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  @Get()
  @Redirect('/docs', 302)
  open(): { readonly url: string } {
    return { url: this.configuration.roles.includes('api') ? '/docs' : '/monitoring' };
  }
}
