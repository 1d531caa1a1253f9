import { type Bundle } from '../scoring/bundle/bundle';

/** Injection token of the `ModelRegistry`. */
export const MODEL_REGISTRY = Symbol('ModelRegistry');

/** A bundle's files as they were found. */
export interface StoredBundle {
  /** Where its files lie: what `reference.sample.path` is relative to. */
  readonly folder: string;
  /** What to call `model.json` in errors. */
  readonly modelFile: string;
  readonly modelText: string;
  /** SHA-256 of `model.json`: the model's identity, lower-case hexadecimal. */
  readonly sha256: string;
  readonly parityFile: string;
  readonly parityText: string;
}

/** Which model to take: a name, and a version when not the newest. */
export interface ModelReference {
  readonly name: string;
  readonly version: string;
}

/** Where model bundles are kept. */
export interface ModelRegistry {
  /**
   * Turns a selection into one model: `name/version`, `name` for its newest version, or undefined when
   * there is only one name to choose from.
   *
   * @throws {ModelNotFoundError} naming what there is instead
   */
  resolve(selection: string | undefined): Promise<ModelReference>;
  /**
   * @throws {ModelNotFoundError} when there is no such bundle, or one of its files is missing
   */
  read(reference: ModelReference): Promise<StoredBundle>;
}

/** There is no such model. */
export class ModelNotFoundError extends Error {
  override readonly name = 'ModelNotFoundError';
}

/** Identity of a bundle as records and answers carry it. */
export interface ModelIdentity extends Pick<Bundle, 'name' | 'version'> {
  readonly sha256: string;
}
