import { parseArgs, type ParseArgsConfig } from 'node:util';
import { CommandError } from './command';

/**
 * Reads the words that were typed after a command, as Node's `parseArgs` does.
 *
 * @param config which options there are
 * @throws {CommandError} naming the option that cannot be used; never a value, which may be a client
 */
export function parseWords<Config extends Omit<ParseArgsConfig, 'args'>>(
  words: readonly string[],
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs<Config>({ ...config, args: [...words] });
  } catch (error) {
    throw new CommandError(`${describe(error as NodeJS.ErrnoException)}. See --help.`);
  }
}

function describe({ code, message }: NodeJS.ErrnoException): string {
  // Node repeats the word.
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return 'A word stands without its option';
  // Behind its first sentence Node tells of subtleties.
  return message.split(/\.\s/)[0] ?? '';
}
