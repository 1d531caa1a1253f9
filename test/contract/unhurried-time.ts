import { type MonotonicTime } from '../../src/logging/file/folder-view';

/** For a reader beside a writer: seconds lie between any two of its looks, so all that was written has settled. */
export function unhurriedTime(): MonotonicTime {
  let now = 0;
  return {
    now: () => (now += 10_000),
    wait: () => Promise.resolve(),
  };
}
