import {
  type ApplicationReader,
  compileApplicationReader,
} from '../scoring/application/compile-application-reader';
import { type Bundle } from '../scoring/bundle/bundle';
import { compileScorer, type Scorer } from '../scoring/bundle/compile-scorer';
import { parseBundle } from '../scoring/bundle/parse-bundle';
import { verifyParity } from '../scoring/bundle/verify-parity';
import {
  ModelNotFoundError,
  type ModelIdentity,
  type ModelReference,
  type ModelRegistry,
} from './model-registry';

/** A model that passed its gate and can decide. */
export interface LoadedModel {
  readonly identity: ModelIdentity;
  readonly bundle: Bundle;
  /** Where the bundle's files lie: what `reference.sample.path` is relative to. */
  readonly folder: string;
  readonly readApplication: ApplicationReader;
  readonly scorer: Scorer;
  /** How many rows of `parity.json` it was found equal on. */
  readonly parityRows: number;
}

/** Past models kept ready for replays: each takes a few megabytes. */
const MOST_REPLAY_MODELS = 2;

/** The models this process decides and replays with. */
export class ActiveModels {
  private readonly replayModels = new Map<string, Promise<LoadedModel>>();

  private constructor(
    private readonly registry: ModelRegistry,
    private readonly current: LoadedModel,
  ) {}

  /**
   * Loads the selected model through the parity gate.
   *
   * @throws {BundleError} when the bundle is damaged or does not score as scikit-learn does
   * @throws {ModelNotFoundError} when there is no such model
   */
  static async load(registry: ModelRegistry, selection: string | undefined): Promise<ActiveModels> {
    return new ActiveModels(registry, await loadModel(registry, await registry.resolve(selection)));
  }

  /** The model that decides. Read it once per request, so that a change cannot split one. */
  champion(): LoadedModel {
    return this.current;
  }

  /**
   * The very model of an earlier decision.
   *
   * @throws {ModelNotFoundError} when it is no longer kept, or its content is not what it was
   */
  async recorded(identity: ModelIdentity): Promise<LoadedModel> {
    if (identity.sha256 === this.current.identity.sha256) return this.current;
    const loading =
      this.replayModels.get(identity.sha256) ?? loadModel(this.registry, identity, identity.sha256);
    this.replayModels.delete(identity.sha256);
    this.replayModels.set(identity.sha256, loading);
    for (const oldest of this.replayModels.keys()) {
      if (this.replayModels.size <= MOST_REPLAY_MODELS) break;
      this.replayModels.delete(oldest);
    }
    try {
      return await loading;
    } catch (error) {
      this.replayModels.delete(identity.sha256);
      throw error;
    }
  }
}

/** @param sha256 of the bundle it must be, when that matters */
async function loadModel(
  registry: ModelRegistry,
  reference: ModelReference,
  sha256?: string,
): Promise<LoadedModel> {
  const stored = await registry.read(reference);
  if (sha256 !== undefined && stored.sha256 !== sha256) {
    throw new ModelNotFoundError(
      `${stored.modelFile}: this is no longer the bundle that decided, its SHA-256 differs.`,
    );
  }
  const bundle = parseBundle(stored.modelFile, stored.modelText);
  if (bundle.name !== reference.name || bundle.version !== reference.version) {
    throw new ModelNotFoundError(
      `${stored.modelFile}: expected name and version to be those of its folders. Put the bundle into its own folder.`,
    );
  }
  const scorer = compileScorer(bundle);
  const parityRows = verifyParity(stored.parityFile, stored.parityText, bundle, scorer);
  const { name, version } = bundle;
  return {
    identity: Object.freeze({ name, version, sha256: stored.sha256 }),
    bundle,
    folder: stored.folder,
    readApplication: compileApplicationReader(bundle),
    scorer,
    parityRows,
  };
}
