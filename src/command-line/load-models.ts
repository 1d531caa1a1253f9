import { parseConfiguration } from '../config/parse-configuration';
import { ActiveModels } from '../model/active-models';
import { FolderModelRegistry } from '../model/folder-model-registry';
import { type Surroundings } from './command';

/**
 * Loads the model that a service with the same settings would decide with, through the same parity gate.
 *
 * @throws {ConfigurationError} settings that cannot be used
 * @throws {ModelNotFoundError | BundleError} no such model, or one that must not decide
 */
export function loadModels(environment: Surroundings['environment']): Promise<ActiveModels> {
  const { model } = parseConfiguration(environment);
  return ActiveModels.load(new FolderModelRegistry(model.folder), model.selection);
}
