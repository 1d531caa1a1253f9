import { createHash } from 'node:crypto';

/** A Lua script, by which Redis changes several things in one step. */
export class RedisScript {
  /** By what Redis knows it once it has run. */
  readonly sha1: string;

  /** @param text Lua 5.1; it must reach only the keys it is given */
  constructor(readonly text: string) {
    this.sha1 = createHash('sha1').update(text).digest('hex');
  }
}
