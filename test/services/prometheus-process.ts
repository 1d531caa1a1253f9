import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The configuration that is delivered. */
export const CONFIGURATION_FILE = 'deploy/prometheus/prometheus.yml';
/** Its target, where a test puts a service of its own. */
const DELIVERED_TARGET = 'localhost:8000';
/** Its key: none, as with access control off. */
const DELIVERED_KEY_FILE = '/dev/null';
const RULES_FILE = 'deploy/prometheus/alerts.yml';
const START_TIMEOUT_MS = 30_000;

/** A sample or series as the HTTP API answers it; only its presence and labels matter to the tests. */
export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  /** Time and value, as text. */
  readonly value: readonly [number, string];
}

/** A rule as Prometheus has it, with what came of its last evaluation. */
export interface LoadedRule {
  readonly name: string;
  readonly query: string;
  /** `ok`, `err` or `unknown` while it was not yet evaluated. */
  readonly health: string;
}

/**
 * Runs `promtool`.
 *
 * @returns everything it said, and whether it was content
 * @throws {Error} when it is not installed
 */
export function runPromtool(parameters: readonly string[], input = ''): { passed: boolean; output: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', parameters, { input, encoding: 'utf8' });
  if (error) throw missing('promtool', error);
  return { passed: status === 0, output: stdout + stderr };
}

/** A real Prometheus on loopback with the delivered configuration, scraping one service every second. */
export class PrometheusProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
    private readonly folder: string,
  ) {}

  /**
   * @param serviceUrl of the service to scrape in place of the delivered target
   * @param keyFile holds the key to send in place of the delivered one, which is none
   * @throws {Error} when Prometheus is not installed or does not start
   */
  static async start(serviceUrl: string, keyFile = DELIVERED_KEY_FILE): Promise<PrometheusProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'credit-scoring-prometheus-'));
    const configuration = (await readFile(CONFIGURATION_FILE, 'utf8'))
      .replace(DELIVERED_TARGET, new URL(serviceUrl).host)
      .replace(`credentials_file: ${DELIVERED_KEY_FILE}`, `credentials_file: ${keyFile}`)
      .replaceAll(/_interval: \d+s/g, '_interval: 1s');
    await writeFile(join(folder, 'prometheus.yml'), configuration);
    await writeFile(join(folder, 'alerts.yml'), await readFile(RULES_FILE));
    const address = `127.0.0.1:${await findFreePort()}`;
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const started = new PrometheusProcess(child, `http://${address}`, folder);
    const failed = once(child, 'error').then(([error]: unknown[]) => {
      throw missing('prometheus', error);
    });
    try {
      await Promise.race([started.waitUntilReady(), failed]);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    return started;
  }

  /** @throws {Error} when Prometheus cannot evaluate the expression */
  async query(expression: string): Promise<readonly QueryResult[]> {
    const data = await this.ask<{ readonly result: readonly QueryResult[] }>(
      `/api/v1/query?query=${encodeURIComponent(expression)}`,
    );
    return data.result;
  }

  /** All rules that were loaded. */
  async rules(): Promise<readonly LoadedRule[]> {
    interface Groups {
      readonly groups: readonly { readonly rules: readonly LoadedRule[] }[];
    }
    return (await this.ask<Groups>('/api/v1/rules')).groups.flatMap((group) => group.rules);
  }

  /** Stops, and leaves nothing behind. */
  async remove(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }

  private async ask<T>(path: string): Promise<T> {
    const response = await fetch(this.url + path);
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(`Prometheus: ${answer.error ?? answer.status}`);
    return answer.data;
  }

  private async waitUntilReady(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const ready = await fetch(`${this.url}/-/ready`).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) return;
      if (this.child.exitCode !== null || Date.now() > deadline) {
        this.child.kill('SIGKILL');
        throw new Error('Prometheus did not start: see what it wrote above');
      }
      await delay(50);
    }
  }
}

function missing(program: string, cause: unknown): Error {
  return new Error(`${program} could not be run. Install it: apt-get install prometheus`, { cause });
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
