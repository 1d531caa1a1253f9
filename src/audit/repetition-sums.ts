import { type AuditRecord, type RecordDraft } from '../logging/prediction-record';

/** More addresses than this within a minute are an attack of many: they are summed up together. */
const MOST_ADDRESSES = 1000;

/** Stands for all addresses above that number, and for callers or subjects that differ. */
const SEVERAL = 'several';

interface Sum {
  readonly draft: RecordDraft<AuditRecord>;
  /** Those after the first, which has a record of its own. */
  repetitions: number;
  sameCaller: boolean;
  sameSubject: boolean;
  sameOutcome: boolean;
}

/** Counts audit records that repeat each other: same action, same address. Memory is bounded. */
export class RepetitionSums {
  private readonly sums = new Map<string, Sum>();

  /** @returns whether it was counted; the first of its kind is not, and wants a record of its own */
  add(draft: RecordDraft<AuditRecord>): boolean {
    const { action, from = '', subject, outcome } = draft.audit;
    let sum = this.sums.get(`${action} ${from}`);
    if (sum === undefined && this.sums.size < MOST_ADDRESSES) {
      this.sums.set(`${action} ${from}`, newSum(draft));
      return false;
    }
    if (sum === undefined) {
      const crowd = `${action} ${SEVERAL}`;
      sum = this.sums.get(crowd) ?? newSum({ ...draft, audit: { ...draft.audit, from: SEVERAL } });
      this.sums.set(crowd, sum);
    }
    sum.repetitions += 1;
    sum.sameCaller &&= draft.caller === sum.draft.caller;
    sum.sameSubject &&= subject === sum.draft.audit.subject;
    sum.sameOutcome &&= outcome === sum.draft.audit.outcome;
    return true;
  }

  /** The sums so far, and begins anew. */
  take(): RecordDraft<AuditRecord>[] {
    const counted = [...this.sums.values()].filter(({ repetitions }) => repetitions > 0);
    this.sums.clear();
    return counted.map(toDraft);
  }
}

function newSum(draft: RecordDraft<AuditRecord>): Sum {
  return { draft, repetitions: 0, sameCaller: true, sameSubject: true, sameOutcome: true };
}

function toDraft({
  draft,
  repetitions,
  sameCaller,
  sameSubject,
  sameOutcome,
}: Sum): RecordDraft<AuditRecord> {
  const { action, subject, outcome, from } = draft.audit;
  const summedSubject = sameSubject ? subject : SEVERAL;
  return {
    audit: {
      action,
      ...(summedSubject !== undefined && { subject: summedSubject }),
      outcome: sameOutcome ? outcome : SEVERAL,
      ...(from !== undefined && { from }),
      times: repetitions,
    },
    caller: sameCaller ? draft.caller : SEVERAL,
  };
}
