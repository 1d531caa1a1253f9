import { type Command, type ExitCode } from '../../src/command-line/command';

/** What a command left behind when it was run inside the test. */
export interface CommandResult {
  readonly exitCode: ExitCode | undefined;
  /** Undefined when it ended by itself. */
  readonly error: Error | undefined;
  readonly output: string;
  readonly messages: string;
}

/** Runs a command as `runCommand` would, with texts instead of streams. */
export async function runInside(
  command: Command,
  words: readonly string[],
  options: {
    readonly environment?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
  } = {},
): Promise<CommandResult> {
  const output: string[] = [];
  const messages: string[] = [];
  const collect = (into: string[]): { isTTY: false; write: (text: string | Uint8Array) => boolean } => ({
    isTTY: false,
    write: (text) => into.push(String(text)) > 0,
  });
  let exitCode: ExitCode | undefined;
  let error: Error | undefined;
  try {
    exitCode = await command({
      words,
      environment: options.environment ?? {},
      output: collect(output),
      messages: collect(messages),
      signal: options.signal ?? new AbortController().signal,
    });
  } catch (thrown) {
    error = thrown as Error;
  }
  return { exitCode, error, output: output.join(''), messages: messages.join('') };
}
