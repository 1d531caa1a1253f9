import { type Configuration } from '../config/configuration';
import { parseConfiguration } from '../config/parse-configuration';
import { FileLogReader } from '../logging/file/file-log-reader';
import { LogFolderError } from '../logging/file/log-folder-error';
import { type LoadedModel } from '../model/active-models';
import { buildDriftReport } from '../monitoring/drift/build-drift-report';
import { type DriftReport } from '../monitoring/drift/drift-report';
import { DriftReports } from '../monitoring/drift/drift-reports';
import { loadReferenceSample, ReferenceSampleError } from '../monitoring/drift/load-reference-sample';
import { collectDriftWindow } from '../monitoring/engine/collect-drift-window';
import { type Span } from '../monitoring/span';
import { CommandError, EXIT_CODES, type ExitCode, type Surroundings } from './command';
import { DRIFT_USAGE, readDriftOptions } from './drift-options';
import { formatDriftTable } from './drift-table';
import { explainSystemError } from './explain-system-error';
import { loadModels } from './load-models';

/** `npm run drift`: compares a span of the prediction log with the reference of the model. */
export async function drift(surroundings: Surroundings): Promise<ExitCode> {
  const options = readDriftOptions(surroundings.words);
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
  { log, monitoring }: Configuration,
  model: LoadedModel,
  span: Span,
  signal: AbortSignal,
): Promise<DriftReport> {
  const begun = performance.now();
  let reader: FileLogReader | undefined;
  try {
    const referenceSample = await loadReferenceSample(model);
    reader = await FileLogReader.open({ folder: log.folder });
    const window = await collectDriftWindow(reader, model, referenceSample, span, signal);
    const report = buildDriftReport({
      window,
      bundle: model.bundle,
      identity: model.identity,
      referenceSample,
      thresholds: monitoring.drift,
      trigger: 'manual',
      createdAtMs: Date.now(),
      durationMs: 0,
    });
    return { ...report, durationMs: Math.round(performance.now() - begun) };
  } catch (error) {
    // Both are written for whoever reads them.
    if (error instanceof ReferenceSampleError || error instanceof LogFolderError) {
      throw new CommandError(error.message, { cause: error });
    }
    throw error;
  } finally {
    await reader?.close();
  }
}

async function keepReport(configuration: Configuration, report: DriftReport): Promise<void> {
  try {
    await new DriftReports(configuration).keep(report);
  } catch (error) {
    throw new CommandError(
      `${configuration.monitoring.folder}: the report cannot be kept: ${explainSystemError(error)}. ` +
        "Run as the service's user, or without --keep.",
      { cause: error },
    );
  }
}
