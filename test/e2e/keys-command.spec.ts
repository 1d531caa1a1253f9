import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keys } from '../../src/command-line/keys-command';
import { type CommandResult, runInside } from '../factories/command-line';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = (...words: string[]): Promise<CommandResult> =>
  runInside(keys, words, { environment: { DATA_DIR: folder } });

describe('npm run keys', () => {
  it('creates, shows the key alone on the standard output, lists without it, and revokes', async () => {
    const made = await run(
      ...['create', '--name', 'web-shop', '--scopes', 'records,predict'],
      ...['--tenant', 'shop', '--expires', '2999-01-31'],
    );
    expect(made.exitCode).toBe(0);
    expect(made.output).toMatch(/^pad_[a-z2-7]{8}_[\w-]{43}\n$/);
    const [, prefix = '', secret = ''] = /^pad_(\w{8})_(.*)\n$/.exec(made.output) ?? [];
    expect(made.messages).toContain(`npm run keys -- revoke ${prefix}`);
    expect(made.messages).not.toContain(secret);

    const listed = await run('list');
    expect(listed.output).toMatch(
      new RegExp(
        `^prefix +name +tenant +scopes +created +expires +state\n` +
          `${prefix} +web-shop +shop +predict,records +\\S+ \\S+Z +2999-01-31 00:00Z +valid\n$`,
      ),
    );
    expect(listed.output).not.toContain(secret);

    const revoked = await run('revoke', made.output.trim());
    expect(revoked.messages).toContain(`${prefix} (web-shop) is refused within a second`);
    expect(revoked.messages).not.toContain(secret);
    expect((await run('list')).output).toMatch(/revoked \S+ \S+Z\n$/);
  });

  it('keeps the file where the service looks for it, for its owner only', async () => {
    await run('create', '--name', 'a', '--scopes', 'monitor');
    expect((await stat(join(folder, 'logs', 'access', 'keys.json'))).mode & 0o777).toBe(0o600);
  });

  it.each([
    [[], /Say what to do: create, list or revoke/],
    [['destroy'], /Say what to do/],
    [['create', '--scopes', 'predict'], /--name must be/],
    [['create', '--name', 'a\nb', '--scopes', 'predict'], /--name must be/],
    [['create', '--name', 'a'], /--scopes must be a list of predict, records, outcomes, admin, monitor/],
    [['create', '--name', 'a', '--scopes', 'predict,predict'], /--scopes must be/],
    [['create', '--name', 'a', '--scopes', 'everything'], /--scopes must be/],
    [['create', '--name', 'a', '--scopes', 'predict', '--tenant', 'a b'], /--tenant must be/],
    [
      ['create', '--name', 'a', '--scopes', 'predict', '--expires', '2020-01-01'],
      /--expires must be in the future/,
    ],
    [['create', '--name', 'a', '--scopes', 'predict', '--expires', '2999-02-30'], /--expires must be a day/],
    [['create', '--name', 'a', '--scopes', 'predict', '--expires', 'tomorrow'], /--expires must be a day/],
    [['create', 'a', '--name', 'a', '--scopes', 'predict'], /more words than expected/],
    [['create', '--colour', 'red'], /Unknown option '--colour'/],
    [['list', '--name', 'a'], /Options belong to create only/],
    [['revoke'], /revoke needs the prefix/],
    [['revoke', 'ABCDEFGH'], /revoke needs the prefix/],
    [['revoke', 'aaaaaaaa'], /no key has this prefix/],
  ])('refuses %j and says why', async (words, message) => {
    const { exitCode, error, output } = await run(...words);
    expect(exitCode).toBeUndefined();
    expect(error?.name).toBe('CommandError');
    expect(error?.message).toMatch(message);
    expect(output).toBe('');
  });

  it('explains itself', async () => {
    expect((await run('--help')).output).toMatch(/npm run keys -- create --name/);
  });
});
