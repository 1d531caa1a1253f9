import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import {
  WebhookSink,
  type WebhookTuning,
} from '../../src/monitoring/alerts/alert-sinks/webhook/webhook-sink';
import { type AlertNotice } from '../../src/monitoring/alerts/alert-state';
import { someAlert } from './monitoring';

/** What a receiver got. */
interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Answer = (response: ServerResponse) => void;

/** A web server on loopback that answers each request by the next of its answers, and by the last from then on. */
class Receiver {
  readonly received: Received[] = [];

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(answers: readonly Answer[]): Promise<Receiver> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        receiver.received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
        const answer = answers[Math.min(receiver.received.length, answers.length) - 1];
        answer?.(response);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const receiver = new Receiver(server, (server.address() as AddressInfo).port);
    return receiver;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

export const ok: Answer = (response) => {
  response.writeHead(204).end();
};

export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(code, headers).end('an answer that nobody reads');
  };

/** Sinks of a test, the receivers they send to, and what they write into the application log. */
export class WebhookSinks {
  static readonly SECRET = 'a secret of the receiver';
  static readonly VERSION = '1.2.3';
  static readonly NOW = Date.UTC(2026, 10, 23, 12, 30, 15, 250);

  readonly lines: unknown[] = [];
  private readonly receivers: Receiver[] = [];
  private readonly sinks: WebhookSink[] = [];
  private notices = 0;

  /** Takes over the application log until it is closed. */
  static make(): WebhookSinks {
    const sinks = new WebhookSinks();
    const keep = (line: unknown): void => {
      sinks.lines.push(line);
    };
    Logger.overrideLogger({ log: keep, warn: keep, error: keep });
    return sinks;
  }

  async startReceiver(...answers: readonly Answer[]): Promise<Receiver> {
    const receiver = await Receiver.start(answers);
    this.receivers.push(receiver);
    return receiver;
  }

  sinkTo(url: string, tuning: Partial<WebhookTuning> = {}, allowPrivateAddresses = true): WebhookSink {
    const { SECRET, VERSION, NOW } = WebhookSinks;
    const sink = new WebhookSink({ url, secret: SECRET, allowPrivateAddresses }, VERSION, () => NOW, {
      firstPauseMs: 1,
      longestPauseMs: 2,
      ...tuning,
    });
    this.sinks.push(sink);
    return sink;
  }

  sinkFor(receiver: Receiver, tuning: Partial<WebhookTuning> = {}): WebhookSink {
    return this.sinkTo(`http://127.0.0.1:${receiver.port}/hooks/token-of-the-path?key=of-the-query`, tuning);
  }

  /** A notice with an id of its own. */
  aNotice(): AlertNotice {
    this.notices += 1;
    return {
      id: `00000000-0000-4000-8000-${String(this.notices).padStart(12, '0')}`,
      event: 'opened',
      at: '2026-11-23T12:30:00.000Z',
      alert: someAlert(),
      waitingFor: ['webhook'],
    };
  }

  /** Stops sinks before receivers, so that no sink complains of a receiver that has gone. */
  async close(): Promise<void> {
    await Promise.all(this.sinks.map((sink) => sink.close()));
    await Promise.all(this.receivers.map((receiver) => receiver.stop()));
    Logger.overrideLogger(false);
  }
}
