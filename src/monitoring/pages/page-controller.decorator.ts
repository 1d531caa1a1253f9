import { applyDecorators, Controller, UseInterceptors } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { RequireScope } from '../../auth/route-access.decorator';
import { PageInterceptor } from './page.interceptor';

/** A controller whose handlers return a `Page`, for who may watch; not in the API description, where its data is. */
export function PageController(path: string): ClassDecorator {
  return applyDecorators(
    Controller(path),
    RequireScope('monitor'),
    UseInterceptors(PageInterceptor),
    ApiExcludeController(),
  );
}
