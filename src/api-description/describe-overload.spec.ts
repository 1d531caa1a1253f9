import { type OpenAPIObject } from '@nestjs/swagger';
import { describeOverload } from './describe-overload';

function documentOf(paths: OpenAPIObject['paths']): OpenAPIObject {
  return { openapi: '3.0.0', info: { title: 'a', version: '1' }, paths };
}

describe('describeOverload', () => {
  it('adds 503 with Retry-After to every method of a route', () => {
    const document = documentOf({ '/predictions': { get: { responses: {} }, post: { responses: {} } } });
    describeOverload(document);
    const { get, post } = document.paths['/predictions'] ?? {};
    expect(get?.responses['503']).toMatchObject({ headers: { 'Retry-After': {} } });
    expect(post?.responses['503']).toEqual(get?.responses['503']);
  });

  it('keeps what a route says itself about 503', () => {
    const own = { description: 'The record could not be kept' };
    const document = documentOf({ '/predict': { post: { responses: { '503': own } } } });
    describeOverload(document);
    expect(document.paths['/predict']?.post?.responses['503']).toBe(own);
  });

  it.each(['/health', '/health/live', '/metrics'])('adds nothing to %s, which is always answered', (path) => {
    const document = documentOf({ [path]: { get: { responses: {} } } });
    describeOverload(document);
    expect(document.paths[path]?.get?.responses).toEqual({});
  });
});
