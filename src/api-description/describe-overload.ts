import { type OpenAPIObject } from '@nestjs/swagger';

/** Routes that are answered however much is asked. */
const ALWAYS_ANSWERED = /^\/(health|metrics)(\/|$)/;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const OVERLOADED = {
  description: 'More was asked than can be answered; try again',
  headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
} as const;

/** Adds to every route that makes room under overload that it may answer 503, unless it says so already. */
export function describeOverload(document: OpenAPIObject): void {
  for (const [path, item] of Object.entries(document.paths)) {
    if (ALWAYS_ANSWERED.test(path)) continue;
    for (const method of METHODS) {
      // Anew for each: who reads the document may change it.
      const responses = item[method]?.responses;
      if (responses !== undefined) responses['503'] ??= structuredClone(OVERLOADED);
    }
  }
}
