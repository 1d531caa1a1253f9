/**
 * The answer, or an error when there is none in time. Answers that have arrived but were not read yet, because
 * this process itself was busy, count as in time.
 *
 * @throws what `answer` rejects with; an `Error` after `milliseconds`
 */
export function waitAtMost<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // Behind this turn's reading of sockets, see above.
      setImmediate(() => {
        reject(new Error(`No answer within ${milliseconds} ms`));
      });
    }, milliseconds);
    answer.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
