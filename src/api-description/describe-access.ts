import { type OpenAPIObject } from '@nestjs/swagger';
import { SCOPE_EXTENSION } from '../auth/route-access.decorator';
import { type AccessConfiguration } from '../config/configuration';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const KEY_HEADER = 'key';
const BEARER = 'bearer';

const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

/** Without access control the Host header is the guard. */
const OTHER_HOST = { description: 'Another host than this machine was asked for', content: PROBLEM };

/**
 * Says in the API description how callers prove who they are, and which scope each route asks for; without access
 * control, that only this machine is answered for.
 */
export function describeAccess(document: OpenAPIObject, { mode, tokens }: AccessConfiguration): void {
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method];
      if (operation !== undefined) path[method] = describeOperation(operation, mode);
    }
  }
  if (mode === 'off') return;
  const components = (document.components ??= {});
  components.securitySchemes = {
    [BEARER]: {
      type: 'http',
      scheme: 'bearer',
      description: tokens ? 'A key of this service, or a token (JWT) of the issuer' : 'A key of this service',
    },
    [KEY_HEADER]: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A key of this service' },
  };
}

function describeOperation(
  { [SCOPE_EXTENSION]: scope, ...operation }: Operation & { [SCOPE_EXTENSION]?: string },
  mode: 'off' | 'on',
): Operation {
  if (mode === 'off') return { ...operation, responses: { ...operation.responses, 421: OTHER_HOST } };
  if (scope === undefined) return operation;
  return {
    ...operation,
    security: [{ [BEARER]: [] }, { [KEY_HEADER]: [] }],
    responses: {
      ...operation.responses,
      401: { description: 'The key or token is missing or not valid', content: PROBLEM },
      403: { description: `The key or token does not have the scope ${scope}`, content: PROBLEM },
    },
  };
}
