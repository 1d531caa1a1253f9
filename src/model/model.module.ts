import { Module } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { ActiveModels } from './active-models';
import { FolderModelRegistry } from './folder-model-registry';
import { MODEL_REGISTRY, type ModelRegistry } from './model-registry';

/** Offers the models that decide; the application does not start without one that passed its gate. */
@Module({
  providers: [
    {
      provide: MODEL_REGISTRY,
      inject: [CONFIGURATION],
      useFactory: (configuration: Configuration): ModelRegistry =>
        new FolderModelRegistry(configuration.model.folder),
    },
    {
      provide: ActiveModels,
      inject: [MODEL_REGISTRY, CONFIGURATION],
      useFactory: (registry: ModelRegistry, configuration: Configuration): Promise<ActiveModels> =>
        ActiveModels.load(registry, configuration.model.selection),
    },
  ],
  exports: [ActiveModels],
})
export class ModelModule {}
