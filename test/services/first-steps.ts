import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '../..');

/** A line that is to be typed, in the comments of deploy/scale.env. */
const STEP = /^# {3}(\S.*)$/gm;

/** In the place of an engine: what is to run in a container of api-1 runs here. */
const DOCKER = `#!/bin/sh
[ "$2" = run ] || exit 0
while [ "$1" != api-1 ]; do shift; done
shift
cd '${ROOT}' && exec "$@"
`;

/** The keys that somebody has who did what deploy/scale.env says. */
export interface FirstKeys {
  readonly prometheus: string;
  readonly operator: string;
}

/**
 * Types what deploy/scale.env says is to be done before the first start, as it stands there.
 *
 * @param settings of api-1, with the addresses of servers that run here
 * @throws {Error} with what was printed, when a step fails
 */
export async function takeFirstSteps(settings: Readonly<Record<string, string>>): Promise<FirstKeys> {
  const folder = await mkdtemp(join(tmpdir(), 'credit-scoring-first-steps-'));
  try {
    await cp(join(ROOT, 'deploy'), join(folder, 'deploy'), { recursive: true });
    await writeFile(join(folder, 'docker'), DOCKER, { mode: 0o755 });
    const text = await readFile(join(folder, 'deploy/scale.env'), 'utf8');
    const steps = Array.from(text.matchAll(STEP), ([, step]) => step);
    const { stdout } = await promisify(execFile)('sh', ['-ec', steps.join('\n')], {
      cwd: folder,
      env: { ...process.env, ...settings, PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    });
    const prometheus = await readFile(join(folder, 'secrets/prometheus_key'), 'utf8');
    return { prometheus: prometheus.trim(), operator: stdout.trim().split('\n').at(-1) ?? '' };
  } finally {
    await rm(folder, { recursive: true });
  }
}
