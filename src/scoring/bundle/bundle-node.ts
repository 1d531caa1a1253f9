import { BundleError } from './bundle-error';

/**
 * One value inside a bundle file together with its path, so that whatever is wrong with it can be
 * named. Every reader either returns the type it promises or throws a `BundleError`.
 */
export class BundleNode {
  private constructor(
    private readonly file: string,
    private readonly key: string,
    readonly value: unknown,
  ) {}

  /** The whole document of a file. */
  static parse(file: string, text: string): BundleNode {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new BundleError(file, '', 'a complete JSON document');
    }
    return new BundleNode(file, '', value);
  }

  /** Refuses this value: `expectation` is a noun phrase. */
  fail(expectation: string): never {
    throw new BundleError(this.file, this.key, expectation);
  }

  /** Path of this value inside its file. */
  get path(): string {
    return this.key;
  }

  /** Members of an object that has all of `required`, perhaps some of `optional`, and nothing else. */
  members<R extends string, O extends string = never>(
    required: readonly R[],
    optional: readonly O[] = [],
  ): Record<R, BundleNode> & Partial<Record<O, BundleNode>> {
    const entries = this.entries();
    const known: ReadonlySet<string> = new Set<string>([...required, ...optional]);
    for (const [name, node] of entries) {
      if (!known.has(name)) node.fail(`no such key here (known: ${[...known].join(', ')})`);
    }
    for (const name of required) {
      if (!entries.has(name)) this.child(name, undefined).fail('a value, but the key is missing');
    }
    return Object.fromEntries(entries) as Record<R, BundleNode> & Partial<Record<O, BundleNode>>;
  }

  /** All members of an object, in the order of the file. */
  entries(): Map<string, BundleNode> {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.fail('an object');
    return new Map(Object.entries(value).map(([name, member]) => [name, this.child(name, member)]));
  }

  /** Elements of an array with at least `atLeast` of them. */
  elements(atLeast = 0): BundleNode[] {
    return this.array(atLeast).map((element, index) => this.element(index, element));
  }

  /** A numeric array of exactly `length` numbers, copied into `target`; `accept` refuses single values. */
  fill<T extends Int32Array | Uint8Array | Float64Array>(
    target: T,
    accept: (value: number, index: number) => boolean,
    expectation: string,
  ): T {
    const array = this.array(0);
    if (array.length !== target.length) this.fail(`${target.length} numbers, as many as its sister arrays`);
    for (let index = 0; index < array.length; index++) {
      const value = array[index];
      if (typeof value !== 'number' || !accept(value, index)) this.element(index, value).fail(expectation);
      target[index] = value as number;
    }
    return target;
  }

  /** Length of an array. */
  length(): number {
    return this.array(0).length;
  }

  /** Element `index`, to be named in a refusal. */
  at(index: number): BundleNode {
    return this.element(index, this.array(0)[index]);
  }

  /** A string of at least one character; with `pattern`, one that matches. */
  string(pattern?: RegExp, expectation = 'a string of at least one character'): string {
    const { value } = this;
    if (typeof value !== 'string' || value === '' || (pattern && !pattern.test(value)))
      return this.fail(expectation);
    return value;
  }

  /** One of the given strings. */
  oneOf<T extends string>(values: readonly T[]): T {
    const found = values.find((candidate) => candidate === this.value);
    return found ?? this.fail(`one of ${values.join(', ')}`);
  }

  /** A finite number within inclusive bounds. */
  number(minimum = -Infinity, maximum = Infinity): number {
    const { value } = this;
    if (typeof value !== 'number' || !Number.isFinite(value) || value < minimum || value > maximum) {
      const bounds = minimum === -Infinity && maximum === Infinity ? '' : ` from ${minimum} to ${maximum}`;
      return this.fail(`a finite number${bounds}`);
    }
    return value;
  }

  /** A whole number within inclusive bounds. */
  integer(minimum: number, maximum = Number.MAX_SAFE_INTEGER): number {
    const { value } = this;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < minimum || value > maximum) {
      return this.fail(`a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  }

  /** true or false. */
  boolean(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.fail('true or false');
  }

  private array(atLeast: number): readonly unknown[] {
    const { value } = this;
    if (!Array.isArray(value) || value.length < atLeast) {
      return this.fail(atLeast > 0 ? `an array of at least ${atLeast}` : 'an array');
    }
    return value as readonly unknown[];
  }

  private child(name: string, value: unknown): BundleNode {
    return new BundleNode(this.file, this.key === '' ? name : `${this.key}.${name}`, value);
  }

  private element(index: number, value: unknown): BundleNode {
    return new BundleNode(this.file, `${this.key}[${index}]`, value);
  }
}
