import { lookup } from 'node:dns/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type Clock } from '../../../../common/clock';
import { type ResolveName } from '../../../../common/webhook/guard-lookup';
import { type SendOutcome, sendSigned, type SignedMessage } from '../../../../common/webhook/send-signed';
import { type WebhookConfiguration } from '../../../../config/configuration';
import { type AlertNotice } from '../../alert-state';
import { describeAlert } from '../../describe-alert';
import { type AlertSink, type DeliveryOutcome } from '../alert-sink';

/** What tests set otherwise. */
export interface WebhookTuning {
  readonly timeoutMs: number;
  readonly tries: number;
  /** The longest first pause between two tries; each next one may be three times as long. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Notices that may wait. */
  readonly mostWaiting: number;
  readonly resolveName: ResolveName;
}

/** Eight tries within eleven minutes at most: a receiver that restarts or is being deployed is back by then. */
const TUNING: WebhookTuning = {
  timeoutMs: 5000,
  tries: 8,
  firstPauseMs: 1000,
  longestPauseMs: 5 * 60_000,
  mostWaiting: 100,
  resolveName: (hostname) => lookup(hostname, { all: true }),
};

const PAUSE_GROWTH = 3;

interface Waiting {
  readonly notice: AlertNotice;
  readonly settle: (outcome: DeliveryOutcome) => void;
}

/**
 * Sends alerts to a web address, one after another and signed. What fails is tried again with growing random pauses,
 * then given up with a log line. The receiver sees the same `Idempotency-Key` and body at every try.
 */
export class WebhookSink implements AlertSink {
  readonly name = 'webhook';
  private readonly logger = new Logger(WebhookSink.name);
  private readonly url: URL;
  private readonly tuning: WebhookTuning;
  private readonly stopping = new AbortController();
  private readonly waiting: Waiting[] = [];
  private working: Promise<void> | undefined;

  /** @param version of the service, for receivers */
  constructor(
    private readonly configuration: WebhookConfiguration,
    private readonly version: string,
    private readonly clock: Clock,
    tuning: Partial<WebhookTuning> = {},
  ) {
    this.url = new URL(configuration.url);
    this.tuning = { ...TUNING, ...tuning };
  }

  /** @inheritDoc */
  deliver(notice: AlertNotice): Promise<DeliveryOutcome> {
    if (this.isStopping()) return Promise.resolve('interrupted');
    if (this.waiting.length >= this.tuning.mostWaiting) this.dropOldest();
    return new Promise((settle) => {
      this.waiting.push({ notice, settle });
      this.working ??= this.work();
    });
  }

  /** @inheritDoc */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.working;
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private dropOldest(): void {
    const oldest = this.waiting.shift();
    if (oldest === undefined) return;
    this.giveUp(oldest.notice, 'queue full', 0);
    oldest.settle('settled');
  }

  private async work(): Promise<void> {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      next.settle(this.isStopping() ? 'interrupted' : await this.send(next.notice));
    }
    this.working = undefined;
  }

  private async send(notice: AlertNotice): Promise<DeliveryOutcome> {
    const { event, alert, at } = notice;
    const text = describeAlert(notice);
    const body = Buffer.from(
      JSON.stringify({
        event,
        alert,
        text,
        sentAt: at,
        service: 'credit-scoring',
        version: this.version,
      }),
    );
    for (let tries = 1; !this.isStopping(); tries++) {
      const ended = await this.trySending(notice, body);
      if (ended.result === 'arrived') return 'settled';
      if (this.isStopping()) break;
      if (ended.result === 'refused' || tries >= this.tuning.tries) {
        const { reason } = ended;
        this.giveUp(notice, typeof reason === 'number' ? `HTTP ${reason}` : reason, tries);
        return 'settled';
      }
      await this.rest(tries);
    }
    return 'interrupted';
  }

  private trySending(notice: AlertNotice, body: Buffer): Promise<SendOutcome> {
    const { secret, allowPrivateAddresses } = this.configuration;
    const { timeoutMs, resolveName } = this.tuning;
    const message: SignedMessage = {
      url: this.url,
      body,
      secret,
      nowMs: this.clock(),
      idempotencyKey: notice.id,
      headers: { 'X-Alert-Id': notice.alert.id },
    };
    return sendSigned(message, {
      allowPrivateAddresses,
      resolveName,
      timeoutMs,
      signal: this.stopping.signal,
    });
  }

  /** Full jitter: senders that failed together do not come back together. */
  private async rest(tries: number): Promise<void> {
    const { firstPauseMs, longestPauseMs } = this.tuning;
    const longest = Math.min(longestPauseMs, firstPauseMs * PAUSE_GROWTH ** (tries - 1));
    const { signal } = this.stopping;
    // Rejects when interrupted.
    await pause(Math.random() * longest, undefined, { ref: false, signal }).catch(() => undefined);
  }

  /** Names the host only: path and query may be a secret of the receiver's. */
  private giveUp({ event, alert }: AlertNotice, code: string, tries: number): void {
    this.logger.error({
      msg: `an alert could not be sent to the webhook: ${adviceFor(code)}`,
      host: this.url.host,
      code,
      tries,
      event,
      alert: alert.id,
      kind: alert.kind,
    });
  }
}

function adviceFor(code: string): string {
  if (code === 'ENOTPUBLIC') {
    return 'ALERT_WEBHOOK_URL leads to an address that is not public; ALERT_WEBHOOK_PRIVATE=allow permits that';
  }
  if (code.startsWith('HTTP 3')) return 'redirects are not followed, set ALERT_WEBHOOK_URL to where it leads';
  return 'check the receiver, and ALERT_WEBHOOK_URL and ALERT_WEBHOOK_SECRET';
}
