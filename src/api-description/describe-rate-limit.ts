import { type OpenAPIObject } from '@nestjs/swagger';

/** Routes that nobody is limited on. */
const UNLIMITED = /^\/(health|metrics)(\/|$)/;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const seconds = { type: 'integer', minimum: 1 } as const;

const TOO_MANY_REQUESTS = {
  description: 'The rate limit is reached, where there is one; `Retry-After` says when it is not',
  headers: {
    'Retry-After': { description: 'Seconds', schema: seconds },
    'RateLimit-Policy': {
      description: 'Whose limit it is, requests (`q`) and seconds (`w`); a batch counts by its rows',
      schema: { type: 'string', example: '"caller";q=600;w=60' },
    },
    RateLimit: {
      description: 'Requests left (`r`), and seconds until all are back (`t`). In every answer that counts',
      schema: { type: 'string', example: '"caller";r=0;t=37' },
    },
  },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
} as const;

/** Adds to every route that is limited what it answers beyond the limit. */
export function describeRateLimit(document: OpenAPIObject): void {
  for (const [path, item] of Object.entries(document.paths)) {
    if (UNLIMITED.test(path)) continue;
    for (const method of METHODS) {
      const operation = item[method];
      // Anew for each: who reads the document may change it.
      if (operation) operation.responses['429'] = structuredClone(TOO_MANY_REQUESTS);
    }
  }
}
