import { type PredictionRecord, type RecordedModel } from '../../logging/prediction-record';
import { type Decision, DECISIONS } from '../../scoring/policy/decide';
import { type TrafficFigures } from '../traffic';
import { LatencySketch, type StoredSketch } from './latency-sketch';
import { countDecision, type PopulationLayout } from './population-layout';

/** The model whose decisions are counted over the bins of its reference. */
export interface CountedModel {
  readonly sha256: string;
  readonly layout: PopulationLayout;
}

/** Decisions by one model in one role. */
export interface ModelDecisions extends RecordedModel {
  readonly decisions: number;
}

/** A summary as JSON. */
export interface StoredSummary {
  readonly decisions: Readonly<Record<Decision, number>>;
  readonly statuses: readonly (readonly [status: number, requests: number])[];
  readonly models: readonly ModelDecisions[];
  readonly refusedFields: readonly (readonly [fieldAndCode: string, requests: number])[];
  readonly latency: StoredSketch;
  readonly inference: StoredSketch;
  readonly population: { readonly sha256: string; readonly counts: readonly number[] } | null;
}

/** Field names come from the manifest, codes from us: more pairs than this cannot be honest. */
const MOST_REFUSED_FIELDS = 500;

const DECIDED = 200;

/**
 * What records add up to. Summaries of any parts of the log, merged in any order, equal the summary of
 * the whole.
 */
export class Summary {
  readonly decisions: Record<Decision, number> = { APPROVED: 0, REFERRED: 0, REJECTED: 0 };
  readonly statuses = new Map<number, number>();
  readonly latency = new LatencySketch();
  readonly inference = new LatencySketch();
  /** By field and code, joined by a space, which neither contains. */
  readonly refusedFields = new Map<string, number>();
  private readonly modelDecisions = new Map<string, ModelDecisions>();
  private counts: Uint32Array | undefined;

  constructor(private readonly model: CountedModel) {}

  /** Counters over the reference's bins, laid out as the model's layout says; undefined without a decision of it. */
  get population(): Uint32Array | undefined {
    return this.counts;
  }

  /** Decisions by model and role, most first. */
  get models(): readonly ModelDecisions[] {
    return [...this.modelDecisions.values()].sort((left, right) => right.decisions - left.decisions);
  }

  /** Decisions by the counted model, whether or not they stand in `population`: erased ones do not. */
  get modelRows(): number {
    let rows = 0;
    for (const { sha256, decisions } of this.modelDecisions.values()) {
      if (sha256 === this.model.sha256) rows += decisions;
    }
    return rows;
  }

  /** Adds one record. Cost: O(inputs). */
  add(record: PredictionRecord): void {
    this.latency.add(record.totalTimeMs);
    if ('status' in record) {
      increase(this.statuses, record.status, 1);
      for (const { field, code } of record.problem.errors ?? []) this.addRefusedField(`${field} ${code}`, 1);
      return;
    }
    increase(this.statuses, DECIDED, 1);
    this.decisions[record.decision] += 1;
    this.inference.add(record.inferenceTimeMs);
    this.addModel(record.model, 1);
    // Of an erased decision nothing is left to count over bins: it is not a row with missing inputs.
    if (record.model.sha256 !== this.model.sha256 || record.erased !== undefined) return;
    this.counts ??= new Uint32Array(this.model.layout.length);
    countDecision(this.model.layout, record, this.counts);
  }

  /** Adds all of another summary. */
  merge(other: Summary): void {
    for (const decision of DECISIONS) this.decisions[decision] += other.decisions[decision];
    for (const [status, requests] of other.statuses) increase(this.statuses, status, requests);
    for (const [field, requests] of other.refusedFields) this.addRefusedField(field, requests);
    for (const model of other.modelDecisions.values()) this.addModel(model, model.decisions);
    this.latency.merge(other.latency);
    this.inference.merge(other.inference);
    if (other.counts === undefined) return;
    this.counts ??= new Uint32Array(this.model.layout.length);
    for (const [index, count] of other.counts.entries())
      this.counts[index] = (this.counts[index] ?? 0) + count;
  }

  /** The figures that every step of a chart has. */
  figures(): TrafficFigures {
    let requests = 0;
    let refused = 0;
    let failed = 0;
    for (const [status, count] of this.statuses) {
      requests += count;
      if (status >= 500) failed += count;
      else if (status >= 400) refused += count;
    }
    return {
      requests,
      refused,
      failed,
      decisions: { ...this.decisions },
      statuses: Object.fromEntries([...this.statuses].sort(([left], [right]) => left - right)),
      latencyMs: this.latency.percentiles(),
    };
  }

  store(): StoredSummary {
    return {
      decisions: this.decisions,
      statuses: [...this.statuses],
      models: this.models,
      refusedFields: [...this.refusedFields],
      latency: this.latency.store(),
      inference: this.inference.store(),
      population:
        this.counts === undefined ? null : { sha256: this.model.sha256, counts: Array.from(this.counts) },
    };
  }

  /** @param model the one whose populations count now; another one's are left out */
  static restore(stored: StoredSummary, model: CountedModel): Summary {
    const summary = new Summary(model);
    for (const decision of DECISIONS) summary.decisions[decision] = stored.decisions[decision];
    for (const [status, requests] of stored.statuses) summary.statuses.set(status, requests);
    for (const [field, requests] of stored.refusedFields) summary.refusedFields.set(field, requests);
    for (const decided of stored.models) summary.addModel(decided, decided.decisions);
    summary.latency.merge(LatencySketch.restore(stored.latency));
    summary.inference.merge(LatencySketch.restore(stored.inference));
    const { population } = stored;
    if (population?.sha256 === model.sha256 && population.counts.length === model.layout.length) {
      summary.counts = Uint32Array.from(population.counts);
    }
    return summary;
  }

  private addModel({ name, version, sha256, role }: RecordedModel, decisions: number): void {
    const key = `${sha256} ${role}`;
    const sum = (this.modelDecisions.get(key)?.decisions ?? 0) + decisions;
    this.modelDecisions.set(key, { name, version, sha256, role, decisions: sum });
  }

  private addRefusedField(fieldAndCode: string, requests: number): void {
    if (this.refusedFields.size >= MOST_REFUSED_FIELDS && !this.refusedFields.has(fieldAndCode)) return;
    increase(this.refusedFields, fieldAndCode, requests);
  }
}

function increase<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
