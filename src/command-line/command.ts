/** Everything a command has from outside, so that a test can be the outside. */
export interface Surroundings {
  /** What was typed after the command's name. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** For results. */
  readonly output: TextStream;
  /** For progress and errors. */
  readonly messages: TextStream;
  /** Aborted when the person, or the system, wants the command to end. */
  readonly signal: AbortSignal;
}

/** Where text goes: the part of `process.stdout` a command needs. */
export type TextStream = Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;

/** Does its work and answers with an exit code; throws `AbortError` when the signal ended it too early. */
export type Command = (surroundings: Surroundings) => Promise<ExitCode>;

/** What a command tells the program that started it. */
export const EXIT_CODES = { done: 0, failed: 1, partlyDone: 2 } as const;

/** One of `EXIT_CODES`. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** A failure the person can do something about: the message says what was expected and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
