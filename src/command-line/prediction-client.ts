import { Agent, type IncomingMessage, request as requestHttp, type RequestOptions } from 'node:http';
import { Agent as AgentHttps, request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers';
import { DECISIONS, type Decision } from '../scoring/policy/decide';
import { readSystemErrorCode } from './explain-system-error';

/** What a running service answered to an application. */
export interface PredictionAnswer {
  readonly status: number;
  /** Undefined when the answer is not a decision. */
  readonly prediction:
    { readonly probability: number; readonly decision: Decision; readonly model: string } | undefined;
}

/** A service that has not answered by then has failed. */
const TIMEOUT_MS = 30_000;

/** Idle connections go before Node's servers close them, five seconds after the last answer. */
const IDLE_CONNECTION_MS = 4_000;

/** Asks a running service over connections it keeps open. */
export class PredictionClient {
  private readonly agent: Agent;

  /**
   * @param url of the service, ending in a slash
   * @param connections at most so many at a time
   * @param signal when it is aborted, all that is not answered yet fails
   * @param key that the service asks for with AUTH=on; unless given, none is sent
   */
  constructor(
    private readonly url: URL,
    connections: number,
    signal: AbortSignal,
    private readonly key?: string,
  ) {
    const options = { keepAlive: true, maxSockets: connections, timeout: IDLE_CONNECTION_MS };
    this.agent = url.protocol === 'https:' ? new AgentHttps(options) : new Agent(options);
    signal.addEventListener(
      'abort',
      () => {
        this.close();
      },
      { once: true },
    );
  }

  /**
   * @returns the status of `GET /health`
   * @throws {Error} when nothing answers
   */
  async checkHealth(): Promise<number> {
    return (await this.ask('health', { method: 'GET' }, undefined)).status;
  }

  /** @throws {Error} when the request fails on the way, takes too long, or is cut by `close` */
  async predict(application: unknown): Promise<PredictionAnswer> {
    const body = Buffer.from(JSON.stringify(application));
    const headers = {
      'content-type': 'application/json',
      'content-length': body.length,
      ...(this.key !== undefined && { authorization: `Bearer ${this.key}` }),
    };
    const answer = await this.ask('predict', { method: 'POST', headers }, body);
    return { status: answer.status, prediction: readPrediction(answer.body) };
  }

  /** Cuts all connections. */
  close(): void {
    this.agent.destroy();
  }

  private ask(
    path: string,
    options: RequestOptions,
    body: Buffer | undefined,
  ): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      const send = this.url.protocol === 'https:' ? requestHttps : requestHttp;
      const request = send(new URL(path, this.url), { ...options, agent: this.agent });
      const deadline = setTimeout(() => {
        request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
      }, TIMEOUT_MS);
      request.once('response', (response: IncomingMessage) => {
        text(response).then((received) => {
          resolve({ status: response.statusCode ?? 0, body: received });
        }, reject);
      });
      request.once('error', reject);
      request.once('close', () => {
        clearTimeout(deadline);
      });
      request.end(body);
    });
  }
}

/** Why a request failed, as a short word to count by. */
export function nameRequestFailure(error: unknown): string {
  return readSystemErrorCode(error) ?? (error instanceof Error ? error.name : 'unknown');
}

function readPrediction(body: string): PredictionAnswer['prediction'] {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { probability, decision, model } = answer as Readonly<Record<string, unknown>>;
  const known = DECISIONS.find((candidate) => candidate === decision);
  if (typeof probability !== 'number' || known === undefined) return undefined;
  const { name, version } = (model ?? {}) as Readonly<Record<string, unknown>>;
  return { probability, decision: known, model: `${String(name)} ${String(version)}` };
}
