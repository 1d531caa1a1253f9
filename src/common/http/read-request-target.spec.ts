import fc from 'fast-check';
import { readRequestTarget } from './read-request-target';

describe('readRequestTarget', () => {
  it.each([
    ['GET', '/health?x=1', '/health?x=1'],
    ['GET', '//evil.example/health', '//evil.example/health'],
    ['GET', 'http://other.example/health?x=1', '/health?x=1'],
    ['GET', 'HTTPS://other.example', '/'],
    ['GET', 'http://other.example/a/../health', '/health'],
    ['OPTIONS', '*', '*'],
    ['GET', '*', undefined],
    ['GET', 'http://[/', undefined],
    ['GET', 'http://', undefined],
    ['GET', 'ftp://other.example/health', undefined],
    ['GET', 'health', undefined],
    ['CONNECT', 'other.example:443', undefined],
  ])('%s %s asks for %s', (method, target, path) => {
    expect(readRequestTarget(method, target)).toBe(path);
  });

  it('never throws, and gives a path or nothing', () => {
    const target = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc.string().map((text) => `http://${text}`),
    );
    fc.assert(
      fc.property(target, (text) => {
        expect(readRequestTarget('GET', text) ?? '/').toMatch(/^\//);
      }),
    );
  });
});
