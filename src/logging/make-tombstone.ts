import { randomBytes } from 'node:crypto';

/**
 * What stands for a client once it was erased. Made of nothing: nobody can turn it back.
 */
export function makeTombstone(): string {
  return `erased-${randomBytes(12).toString('hex')}`;
}
