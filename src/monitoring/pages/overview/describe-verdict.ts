import { sumUnrecorded } from '../../../logging/log-outage';
import { type Bundle } from '../../../scoring/bundle/bundle';
import { labelInput } from '../label-input';
import { type Reader } from '../reader';
import { type Level } from '../view-parts';
import { countFailures, type Judgement, judgeService } from './judge-service';
import { type OverviewData } from './overview-data';

/** Names listed in a sentence; more are counted. */
const MOST_NAMES = 3;

/** The answer to "is all well?", and for each topic one sentence and what to do. */
export interface VerdictView {
  readonly level: Level;
  readonly title: string;
  readonly items: readonly {
    readonly level: Level;
    readonly word: string;
    readonly topic: string;
    readonly sentence: string;
    readonly action: string | null;
    readonly link: { readonly href: string; readonly text: string } | null;
  }[];
}

interface Words {
  readonly sentence: string;
  readonly action?: string;
  readonly link?: { readonly href: string; readonly text: string };
}

/** Words the judgements, the worst first. */
export function describeVerdict(data: OverviewData, bundle: Bundle, reader: Reader): VerdictView {
  const { verdict, topics } = reader.texts.overview;
  const judgements = judgeService(data);
  const worst = judgements[0];
  const level = worst?.level ?? 'unknown';
  const topic = worst ? topics[worst.topic] : '';
  return {
    level,
    title: level === 'good' || level === 'unknown' ? verdict[level] : verdict[level](topic),
    items: judgements.map((judgement) => {
      const { sentence, action = null, link = null } = word(judgement, data, bundle, reader);
      return {
        level: judgement.level,
        word: reader.texts.frame.levels[judgement.level],
        topic: topics[judgement.topic],
        sentence,
        action,
        link,
      };
    }),
  };
}

function word(judgement: Judgement, data: OverviewData, bundle: Bundle, reader: Reader): Words {
  switch (judgement.topic) {
    case 'records':
      return wordRecords(judgement.finding, data, reader);
    case 'reading':
      return wordReading(judgement.finding, data, reader);
    case 'traffic':
      return wordTraffic(judgement.finding, reader);
    case 'drift':
      return wordDrift(judgement.finding, data, bundle, reader);
    case 'alerts':
      return wordAlerts(judgement.finding, data, reader);
    case 'errors':
      return wordErrors(judgement.finding, data, reader);
    case 'latency':
      return wordLatency(judgement.finding, data, reader);
  }
}

function wordRecords(
  finding: 'away' | 'wasAway',
  { outages }: OverviewData,
  { texts, formats }: Reader,
): Words {
  const words = texts.overview.records;
  const last = outages.at(-1);
  const sinceMs = last?.sinceMs ?? 0;
  const since = formats.time(sinceMs).text;
  const { answers } = sumUnrecorded(outages);
  const unrecorded = words.unrecorded(answers, formats.integer(answers));
  if (finding === 'away') {
    return { sentence: words.away(since, last?.reason ?? ''), action: `${words.awayAction} ${unrecorded}` };
  }
  const lasted = formats.duration((last?.untilMs ?? sinceMs) - sinceMs);
  const wasAway = words.wasAway(outages.length, formats.integer(outages.length), since, lasted);
  return { sentence: `${wasAway} ${unrecorded}`, action: words.wasAwayAction };
}

function wordReading(
  finding: (Judgement & { topic: 'reading' })['finding'],
  { reading, nowMs }: OverviewData,
  { texts, formats }: Reader,
): Words {
  const words = texts.overview.reading;
  switch (finding) {
    case 'unavailable':
      return { sentence: words.unavailable, action: words.unavailableAction };
    case 'problem':
      return { sentence: words.problem(reading?.problem ?? ''), action: words.problemAction };
    case 'damaged':
      return {
        sentence: words.damaged(formats.integer(reading?.damagedLines ?? 0)),
        action: words.damagedAction,
      };
    case 'future': {
      const newest = reading?.lastRecordAtMs ?? nowMs;
      return {
        sentence: words.future(formats.duration(newest - nowMs)),
        action: words.futureAction(formats.time(newest).text),
      };
    }
    case 'starting':
      return { sentence: words.starting };
    case 'behind': {
      const first = reading?.firstRecordAtMs ?? nowMs;
      const last = reading?.lastRecordAtMs ?? first;
      const share = nowMs > first ? (last - first) / (nowMs - first) : 0;
      const lag = formats.duration(reading?.lagMs ?? 0);
      return { sentence: words.behind(formats.share(share), lag), action: words.behindAction };
    }
    case 'good': {
      const last = reading?.lastRecordAtMs ?? null;
      const ago = last === null ? null : formats.duration(Math.max(0, nowMs - last));
      return { sentence: ago === null ? words.empty : words.good(ago) };
    }
  }
}

function wordTraffic(finding: 'never' | 'none', { texts }: Reader): Words {
  const words = texts.overview.traffic;
  return finding === 'never'
    ? { sentence: words.never, action: words.neverAction }
    : { sentence: words.none, action: words.noneAction };
}

function wordDrift(
  finding: (Judgement & { topic: 'drift' })['finding'],
  { drift, driftJob }: OverviewData,
  bundle: Bundle,
  reader: Reader,
): Words {
  const { formats } = reader;
  const words = reader.texts.overview.drift;
  const link = { href: '/monitoring/drift', text: words.link };
  const inputs = formats.integer(drift?.inputs ?? 0);
  const rows = formats.integer(drift?.rows ?? 0);
  switch (finding) {
    case 'none':
      return { sentence: words.none(formats.time(driftJob.nextRunAtMs).text), action: words.noneAction };
    case 'unavailable':
      return { sentence: words.unavailable };
    case 'overdue':
      return { sentence: words.overdue, action: words.overdueAction(driftJob.lastFailure), link };
    case 'insufficient': {
      const minimum = formats.integer(drift?.thresholds.minimumRows ?? 0);
      return { sentence: words.insufficient(rows, minimum), action: words.insufficientAction, link };
    }
    case 'stable':
      return { sentence: words.stable(inputs, rows) };
    case 'drifted': {
      const drifted = drift?.drifted ?? [];
      const names = drifted
        .slice(0, MOST_NAMES)
        .map(({ name, psi }) => words.psi(labelInput(name, bundle, reader), formats.decimal(psi, 2)));
      const more = drifted.length - names.length;
      if (more > 0) names.push(words.more(formats.integer(more)));
      return {
        sentence: words.drifted(formats.integer(drifted.length), inputs, names.join(', ')),
        action: words.action,
        link,
      };
    }
  }
}

function wordAlerts(
  finding: (Judgement & { topic: 'alerts' })['finding'],
  { alerts }: OverviewData,
  { texts, formats }: Reader,
): Words {
  const words = texts.overview.alerts;
  const link = { href: '/monitoring/alerts', text: words.link };
  switch (finding) {
    case 'open': {
      const open = alerts.filter((alert) => alert.state === 'open').length;
      return { sentence: words.open(open, formats.integer(open)), action: words.openAction, link };
    }
    case 'acknowledged':
      return { sentence: words.acknowledged(alerts.length, formats.integer(alerts.length)), link };
    case 'none':
      return { sentence: words.none };
  }
}

function wordErrors(finding: 'failed' | 'good', data: OverviewData, { texts, formats }: Reader): Words {
  const words = texts.overview.errors;
  const { requests, failed } = countFailures(data);
  const share = formats.share(failed / (requests || 1));
  const limit = formats.share(data.thresholds.errorRate);
  return finding === 'failed'
    ? { sentence: words.failed(formats.integer(failed), share, limit), action: words.action }
    : { sentence: words.good(share, limit) };
}

function wordLatency(
  finding: 'slow' | 'good',
  { traffic, thresholds }: OverviewData,
  { texts, formats }: Reader,
): Words {
  const words = texts.overview.latency;
  const p95 = formats.milliseconds(traffic?.totals.latencyMs?.p95 ?? null);
  const limit = formats.milliseconds(thresholds.latencyP95Ms);
  return finding === 'slow'
    ? { sentence: words.slow(p95, limit), action: words.action }
    : { sentence: words.good(p95, limit) };
}
