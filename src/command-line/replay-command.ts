import { type ModelIdentity } from '../model/model-registry';
import { CommandError, EXIT_CODES, type ExitCode, type Surroundings } from './command';
import { explainSystemError } from './explain-system-error';
import { formatCount, formatCounts, formatSummary, formatTenths, ratePerSecond } from './format-figures';
import { loadModels } from './load-models';
import { PredictionClient } from './prediction-client';
import { readApiKey } from './read-api-key';
import { startProgress } from './progress';
import { readReplayCases } from './replay-cases';
import { readReplayOptions, REPLAY_USAGE, type ReplayOptions } from './replay-options';
import { computePercentiles, ReplayTally } from './replay-tally';
import { MOST_IN_FLIGHT, sendReplay } from './send-replay';

/** `npm run replay`: sends known applications to a running service and compares its answers. */
export async function replay(surroundings: Surroundings): Promise<ExitCode> {
  const { signal } = surroundings;
  const options = readReplayOptions(surroundings.words);
  if (options === 'help') {
    surroundings.output.write(REPLAY_USAGE);
    return EXIT_CODES.done;
  }
  const key = await readApiKey(surroundings.environment);
  const model = (await loadModels(surroundings.environment)).champion();
  const client = new PredictionClient(options.url, MOST_IN_FLIGHT, signal, key);
  const tally = new ReplayTally();
  const progress = startProgress(surroundings.messages, 'replay', options.rows);
  let sendingMs: number;
  try {
    await expectService(client, options.url);
    const cases = readReplayCases(model.bundle, options.file, options.rows, signal);
    sendingMs = await sendReplay(cases, client, options.rate, tally, signal, () => {
      progress.update(
        tally.answered,
        `${formatCount(tally.answered)} of ${formatCount(tally.sent)} answered`,
      );
    });
  } finally {
    progress.stop();
    client.close();
  }
  surroundings.output.write(describe(tally, options, sendingMs, model.identity));
  signal.throwIfAborted();
  if (tally.accessRefusal !== undefined) throw explainRefusal(options.url, tally.accessRefusal, key);
  return tally.flawless ? EXIT_CODES.done : EXIT_CODES.failed;
}

/** A whole replay against nothing would only say the same a thousand times. */
async function expectService(client: PredictionClient, url: URL): Promise<void> {
  let status: number;
  try {
    status = await client.checkHealth();
  } catch (error) {
    throw new CommandError(
      `${url.href}: the service does not answer: ${explainSystemError(error)}. Start it (npm start), or say with --url where it is.`,
      { cause: error },
    );
  }
  if (status !== 200) {
    throw new CommandError(
      `${url.href}: expected status 200 of GET health, got ${status}. Wait until the service is ready, or say with --url where it is.`,
    );
  }
}

function explainRefusal(url: URL, status: 401 | 403, key: string | undefined): CommandError {
  const make = 'Make one with npm run keys -- create --scopes predict';
  if (status === 403) {
    return new CommandError(
      `${url.href}: the key may not decide (status 403): it lacks the scope predict. ${make}, and set API_KEY or API_KEY_FILE.`,
    );
  }
  return new CommandError(
    key === undefined
      ? `${url.href}: the service asks for a key (status 401), and none was sent. ${make}, and set API_KEY or API_KEY_FILE.`
      : `${url.href}: the service does not take the key of API_KEY or API_KEY_FILE (status 401): it is expired, revoked or of another service. ${make}.`,
  );
}

function describe(
  tally: ReplayTally,
  options: ReplayOptions,
  sendingMs: number,
  model: ModelIdentity,
): string {
  const { sent, answered, statuses, failures, delayed, senseless } = tally;
  const percentiles = computePercentiles(tally.latencies, [50, 95, 99]).map(
    (value) => `${value.toFixed(1)} ms`,
  );
  const rate = formatTenths(ratePerSecond(sent, sendingMs));
  const asked = sent === options.rows ? '' : ` of ${formatCount(options.rows)}`;
  return formatSummary([
    ['Service', options.url.href],
    ['Sent', `${formatCount(sent)}${asked} at ${rate} requests/s (asked for ${options.rate})`],
    ['Answers', answered === 0 ? 'none' : `status ${formatCounts(new Map([...statuses].sort()))}`],
    ...(failures.size > 0 ? [['Failed', formatCounts(failures)] as const] : []),
    ...(senseless > 0
      ? [['Senseless', `${formatCount(senseless)} answers without a decision`] as const]
      : []),
    ['Models', describeModels(tally, model)],
    ['Decisions', formatCounts(tally.decisions)],
    ['Latency', answered === 0 ? 'none' : describeLatency(percentiles)],
    ...(delayed > 0
      ? [['Delayed', `${formatCount(delayed)} sent late: ${MOST_IN_FLIGHT} were unanswered`] as const]
      : []),
    ['Equality', describeEquality(tally)],
  ]);
}

function describeLatency([median, p95, p99]: readonly string[]): string {
  return `p50 ${median ?? ''} · p95 ${p95 ?? ''} · p99 ${p99 ?? ''}`;
}

function describeModels({ models }: ReplayTally, { name, version }: ModelIdentity): string {
  const own = `${name} ${version}`;
  const others = [...models.keys()].some((model) => model !== own);
  const note = others ? `; not the one of the settings here (${own}), so probabilities may differ` : '';
  return models.size === 0 ? 'none' : `${formatCounts(models)}${note}`;
}

function describeEquality({ compared, different, incomparable }: ReplayTally): string {
  if (compared === 0) {
    return incomparable === 0
      ? 'no probability to compare'
      : 'nothing to compare with: no column probability in the file';
  }
  return different === 0
    ? `all ${formatCount(compared)} probabilities are scikit-learn's, bit for bit`
    : `${formatCount(different)} of ${formatCount(compared)} probabilities differ from scikit-learn's`;
}
