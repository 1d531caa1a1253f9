import { applyDecorators, Header, UseInterceptors } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { RequireScope } from '../../auth/route-access.decorator';
import { ApiProblem } from '../../common/http/api-problem.decorator';
import { AuditExportsInterceptor } from './audit-exports.interceptor';

/**
 * A route below `/monitoring/api`, for who may watch: describes it and keeps its answers out of caches.
 *
 * @param summary what it answers
 * @param members what each member of the JSON answer is
 */
export function ApiData(summary: string, members: Readonly<Record<string, string>>): MethodDecorator {
  const properties = Object.fromEntries(
    Object.entries(members).map(([name, description]) => [name, { description }]),
  );
  return applyDecorators(
    RequireScope('monitor'),
    UseInterceptors(AuditExportsInterceptor),
    Header('Cache-Control', 'no-store'),
    Header('X-Content-Type-Options', 'nosniff'),
    ApiOperation({ summary, description: 'The figures of the page at the same address without `/api`.' }),
    ApiResponse({
      status: 200,
      description: 'Raw numbers: shares from 0 to 1, times in UTC, durations with their unit in the name',
      content: {
        'application/json': { schema: { type: 'object', properties } },
        'text/csv': { schema: { type: 'string' } },
      },
    }),
    ApiProblem(400),
  );
}
