import { classifyRequest } from './classify-request';

describe('classifyRequest', () => {
  it.each([
    ['/health', 'vital', 'unmatched'],
    ['/health/ready?verbose', 'vital', 'unmatched'],
    ['/metrics', 'vital', 'unmatched'],
    ['/predict', 'decision', '/predict'],
    ['/predict?from=here', 'decision', '/predict'],
    ['/predict/batch', 'batch', '/predict/batch'],
    ['/predict/batch?a=/health', 'batch', '/predict/batch'],
    ['/predict/unknown', 'decision', '/predict'],
    ['/predictions?limit=1', 'deferrable', '/predictions'],
    ['/predictions/01a20833-1a64-70de-bf1e-1c9ff4bc8795/replay', 'deferrable', '/predictions'],
    ['/monitoring/api/drift?format=csv', 'deferrable', '/monitoring'],
    ['/', 'deferrable', 'unmatched'],
    ['/healthy', 'deferrable', 'unmatched'],
    ['/docs?/health', 'deferrable', 'unmatched'],
    ['*', 'deferrable', 'unmatched'],
  ])('takes %s for %s, counted under %s', (url, requestClass, route) => {
    expect(classifyRequest(url)).toEqual({ requestClass, route });
  });
});
