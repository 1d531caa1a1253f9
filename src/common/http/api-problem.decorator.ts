import { ApiResponse } from '@nestjs/swagger';

/** What each status means on every route, for the API description. */
const DESCRIPTIONS = {
  400: 'The body or a value is not valid; `errors` names every wrong field',
  404: 'There is no such record',
  409: 'The recorded model is not available as it was',
  413: 'The body is too large',
  415: 'The media type, charset or content encoding is not supported',
  422: 'The idempotency key stands for another application',
  503: 'The record could not be kept, so no decision was made; try again',
} as const;

/**
 * Documents that a route answers a status with a problem document.
 *
 * @param description what the status means on this route, where it means something of its own
 */
export function ApiProblem(
  status: keyof typeof DESCRIPTIONS,
  description: string = DESCRIPTIONS[status],
): MethodDecorator {
  return ApiResponse({
    status,
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    ...(status === 503 && {
      headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } },
    }),
  });
}
