import { constants } from 'node:os';
import { ConfigurationError } from '../config/parse-configuration';
import { ModelNotFoundError } from '../model/model-registry';
import { BundleError } from '../scoring/bundle/bundle-error';
import { type Command, CommandError, EXIT_CODES } from './command';

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Errors whose message is written for the person who reads it; any other is a defect and shows its stack. */
const EXPLAINED_ERRORS = [CommandError, ConfigurationError, ModelNotFoundError, BundleError];

/**
 * Runs a command as this process. The first Ctrl-C asks it to tidy up and end, a second one ends it at once.
 * The exit code of an interrupted command is 128 and the signal's number, as shells count: 130 after Ctrl-C.
 */
export async function runCommand(name: string, command: Command): Promise<void> {
  const interruption = new AbortController();
  let interruptedCode: number | undefined;
  for (const signal of ENDING_SIGNALS) {
    process.once(signal, () => {
      interruptedCode ??= 128 + constants.signals[signal];
      interruption.abort();
    });
  }
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  try {
    process.exitCode = await command({
      words: process.argv.slice(2),
      environment: process.env,
      output: process.stdout,
      messages: process.stderr,
      signal: interruption.signal,
    });
  } catch (error) {
    process.exitCode = interruptedCode ?? EXIT_CODES.failed;
    process.stderr.write(
      interruption.signal.aborted ? `${name}: interrupted\n` : `${name}: ${describeFailure(error)}\n`,
    );
  }
}

function describeFailure(error: unknown): string {
  if (EXPLAINED_ERRORS.some((kind) => error instanceof kind)) return (error as Error).message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Whoever read the output, such as `head`, has read enough; the work goes on. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
