import { type Configuration } from '../config/configuration';
import { parseConfiguration } from '../config/parse-configuration';
import { type Database } from '../database/database';
import { explainDatabaseError } from '../database/explain-database-error';
import { LogFolderError } from '../logging/file/log-folder-error';
import { LogUnavailableError, type PredictionLogReader } from '../logging/prediction-log';
import { type LoadedModel } from '../model/active-models';
import { buildDriftReport } from '../monitoring/drift/build-drift-report';
import { type DriftReport } from '../monitoring/drift/drift-report';
import { DriftReports } from '../monitoring/drift/drift-reports';
import { openDriftReportStore } from '../monitoring/drift/open-drift-report-store';
import { loadReferenceSample, ReferenceSampleError } from '../monitoring/drift/load-reference-sample';
import { collectDriftWindow } from '../monitoring/engine/collect-drift-window';
import { openLogReader } from '../monitoring/engine/open-log-reader';
import { type Span } from '../monitoring/span';
import { CommandError, EXIT_CODES, type ExitCode, type Surroundings } from './command';
import { DRIFT_USAGE, readDriftOptions } from './drift-options';
import { formatDriftTable } from './drift-table';
import { explainSystemError } from './explain-system-error';
import { loadModels } from './load-models';

/** `npm run drift`: compares a span of the prediction log with the reference of the model. */
export async function drift(surroundings: Surroundings): Promise<ExitCode> {
  const options = readDriftOptions(surroundings.words, Date.now());
  if (options === 'help') {
    surroundings.output.write(DRIFT_USAGE);
    return EXIT_CODES.done;
  }
  const configuration = parseConfiguration(surroundings.environment);
  const model = (await loadModels(surroundings.environment)).champion();
  const report = await makeReport(configuration, model, options.span, surroundings.signal);
  if (options.keep) await keepReport(configuration, report);
  surroundings.output.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : formatDriftTable(report));
  if (options.keep) surroundings.messages.write(`Kept as ${report.id}\n`);
  return report.verdict === 'stable' ? EXIT_CODES.done : EXIT_CODES.partlyDone;
}

async function makeReport(
  configuration: Configuration,
  model: LoadedModel,
  span: Span,
  signal: AbortSignal,
): Promise<DriftReport> {
  const begun = performance.now();
  let reader: PredictionLogReader | undefined;
  try {
    const referenceSample = await loadReferenceSample(model);
    reader = await openLogReader(configuration);
    const window = await collectDriftWindow(reader, model, referenceSample, span, signal);
    const report = buildDriftReport({
      window,
      bundle: model.bundle,
      identity: model.identity,
      referenceSample,
      thresholds: configuration.monitoring.drift,
      trigger: 'manual',
      createdAtMs: Date.now(),
    });
    return { ...report, durationMs: Math.round(performance.now() - begun) };
  } catch (error) {
    // All are written for whoever reads them.
    if (
      error instanceof ReferenceSampleError ||
      error instanceof LogFolderError ||
      error instanceof LogUnavailableError
    ) {
      throw new CommandError(error.message, { cause: error });
    }
    throw explainStorageError(configuration, error);
  } finally {
    await reader?.close();
  }
}

async function keepReport(configuration: Configuration, report: DriftReport): Promise<void> {
  const database = await openStorage(configuration);
  try {
    const store = await openDriftReportStore(configuration, database);
    await new DriftReports(store, configuration).keep(report);
  } catch (error) {
    throw explainStorageError(configuration, error, 'keep');
  } finally {
    await database?.close();
  }
}

async function openStorage({ storage }: Configuration): Promise<Database | undefined> {
  switch (storage.kind) {
    case 'file':
      return undefined;
    case 'postgres':
      return new (await import('../database/database')).Database({ url: storage.url, maxConnections: 1 });
  }
}

/** What the place of the log or the reports refused, as an error that says what to do; a defect as it is. */
function explainStorageError({ storage, monitoring }: Configuration, error: unknown, step?: 'keep'): unknown {
  switch (storage.kind) {
    case 'file':
      if (step !== 'keep') return error;
      return new CommandError(
        `${monitoring.folder}: the report cannot be kept: ${explainSystemError(error)}. ` +
          "Run as the service's user, or without --keep.",
        { cause: error },
      );
    case 'postgres': {
      const { code, advice } = explainDatabaseError(error);
      if (code === 'unknown error') return error;
      return new CommandError(`DATABASE_URL: the database cannot be used (${code}): ${advice}.`, {
        cause: error,
      });
    }
  }
}
