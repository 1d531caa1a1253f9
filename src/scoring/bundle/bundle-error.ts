/** A bundle that must not be used. The message names the file and the key, what was expected, and what to do. */
export class BundleError extends Error {
  override readonly name = 'BundleError';

  /**
   * @param file the damaged file, as the caller knows it
   * @param key path of the key inside the file, such as `forest.trees[3].left[12]`; empty for the whole file
   * @param expectation what was expected there, as a noun phrase
   */
  constructor(
    readonly file: string,
    readonly key: string,
    readonly expectation: string,
  ) {
    super(
      `${file}${key === '' ? '' : `: ${key}`}: expected ${expectation}. ` +
        'Export the bundle again (models/README.md describes the format) or select another model.',
    );
  }
}
