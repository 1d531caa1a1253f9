import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { type Audit, type AuditAction, type AuditContext, type AuditDetails } from '../common/audit';
import { type AuditRecord, type RecordDraft } from '../logging/prediction-record';
import { AUDIT_SINK, type AuditSink } from './audit-sink';
import { RepetitionSums } from './repetition-sums';

/** Attackers repeat these, a thousand times a second if they can. */
const SUMMED_ACTIONS: ReadonlySet<AuditAction> = new Set(['access-refused', 'log-in-failed']);

const SUM_EVERY_MS = 60_000;

/** Who did what, when and from where. */
@Injectable()
export class AuditTrail implements Audit, BeforeApplicationShutdown {
  private readonly logger = new Logger(AuditTrail.name);
  private readonly sums = new RepetitionSums();
  private readonly unwritten = new Set<Promise<unknown>>();
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(@Inject(AUDIT_SINK) private readonly sink: Pick<AuditSink, 'append'>) {}

  /** @inheritDoc */
  note(action: AuditAction, context: AuditContext, details: AuditDetails): void {
    const draft = draftOf(action, context, details);
    if (!this.stopping && SUMMED_ACTIONS.has(action)) {
      this.timer ??= setTimeout(() => {
        this.writeSums();
      }, SUM_EVERY_MS).unref();
      if (this.sums.add(draft)) return;
    }
    this.writeBehind(draft);
  }

  /** @inheritDoc */
  async confirm(action: AuditAction, context: AuditContext, details: AuditDetails): Promise<void> {
    await this.sink.append(draftOf(action, context, details));
  }

  /** Before the log closes. What is noted from then on is written at once. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    this.writeSums();
    await Promise.all(this.unwritten);
  }

  private writeSums(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const draft of this.sums.take()) this.writeBehind(draft);
  }

  private writeBehind(draft: RecordDraft<AuditRecord>): void {
    const writing = this.sink
      .append(draft)
      .catch((error: unknown) => {
        this.logger.warn({ action: draft.audit.action, err: error, msg: 'an act left no audit record' });
      })
      .finally(() => this.unwritten.delete(writing));
    this.unwritten.add(writing);
  }
}

function draftOf(
  action: AuditAction,
  { caller, requestId, from }: AuditContext,
  { subject, outcome, details }: AuditDetails,
): RecordDraft<AuditRecord> {
  return {
    audit: {
      action,
      ...(subject !== undefined && { subject }),
      outcome,
      ...(from !== undefined && { from }),
      ...(details !== undefined && { details }),
    },
    caller,
    ...(requestId !== undefined && { requestId }),
  };
}
