import { type Manifest } from '../scoring/manifest/manifest';
import { type DemoScenario } from './demo-scenario';

/** An application as it is sent to `POST /predict`. */
export type DemoApplication = Readonly<Record<string, unknown>>;

/** One application and when it is sent. */
export interface DemoRequest {
  readonly atMs: number;
  readonly application: DemoApplication;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Shares of a day's applications by hour, UTC: people apply while they are awake. */
const HOURLY_SHARES = [2, 1, 1, 1, 1, 2, 5, 10, 16, 20, 21, 20, 18, 19, 20, 20, 19, 17, 15, 13, 11, 9, 6, 3];

/**
 * Spreads real applications over days that end now: the scenario's calm days take them in the order of the
 * sample, which is a random one; yesterday and today so far are the drifted ones.
 *
 * @param applications the sample
 * @param nowMs milliseconds since the epoch
 * @returns oldest first
 */
export function makeDemoDays(
  scenario: DemoScenario,
  manifest: Pick<Manifest, 'inputs'>,
  applications: readonly DemoApplication[],
  nowMs: number,
): readonly DemoRequest[] {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const drifted = applications
    .filter((application) => Number(application[scenario.segment.input]) <= scenario.segment.atMost)
    .map((application) => changeUnit(application, scenario.changedUnit));
  const requests: DemoRequest[] = [];
  for (let day = 0; day <= scenario.calmDays + 1; day++) {
    const isCalm = day < scenario.calmDays;
    const source = isCalm ? applications : drifted;
    const startMs = today - (scenario.calmDays + 1 - day) * DAY_MS;
    const first = (isCalm ? day : day - scenario.calmDays) * scenario.applicationsPerDay;
    const refusedEvery = Math.ceil(scenario.applicationsPerDay / scenario.refusedPerDay);
    for (const [index, timeMs] of timesOfDay(startMs, scenario.applicationsPerDay).entries()) {
      const application = source[(first + index) % source.length];
      if (application === undefined || timeMs >= nowMs) continue;
      const refused = index % refusedEvery === refusedEvery - 1;
      requests.push({ atMs: timeMs, application: refused ? spoil(application, manifest) : application });
    }
  }
  return requests;
}

/** So many times of a day, in its rhythm. */
function timesOfDay(startMs: number, count: number): readonly number[] {
  const whole = HOURLY_SHARES.reduce((sum, share) => sum + share, 0);
  return HOURLY_SHARES.flatMap((share, hour) => {
    const inHour = Math.round((count * share) / whole);
    return Array.from({ length: inHour }, (_, index) =>
      Math.floor(startMs + hour * HOUR_MS + ((index + 0.5) * HOUR_MS) / inHour),
    );
  });
}

function changeUnit(
  application: DemoApplication,
  { input, divideBy }: DemoScenario['changedUnit'],
): DemoApplication {
  return { ...application, [input]: Math.round(Number(application[input]) / divideBy) };
}

/** The first numeric input beyond its bounds, as a client application with a defect sends it. */
function spoil(application: DemoApplication, { inputs }: Pick<Manifest, 'inputs'>): DemoApplication {
  const input = inputs.find(({ type }) => type !== 'category');
  return input && 'maximum' in input ? { ...application, [input.name]: input.maximum + 1 } : application;
}
