import { type DemoScenario } from './demo-scenario';
import { makeDemoDays } from './make-demo-days';

const scenario: DemoScenario = {
  calmDays: 2,
  applicationsPerDay: 270,
  refusedPerDay: 2,
  segment: { input: 'limit', atMost: 10 },
  changedUnit: { input: 'paid', divideBy: 1000 },
};
const inputs = [
  { name: 'limit', type: 'integer', minimum: 0, maximum: 99, nullable: false, description: '', example: 1 },
  { name: 'paid', type: 'integer', minimum: 0, maximum: 9999, nullable: false, description: '', example: 1 },
] as const;
const applications = Array.from({ length: 50 }, (_, limit) => ({ limit, paid: 5000 + limit }));
const DAY_MS = 86_400_000;
const noon = Date.UTC(2026, 10, 23, 12);

describe('makeDemoDays', () => {
  const requests = makeDemoDays(scenario, { inputs }, applications, noon);
  const midnight = noon - DAY_MS / 2;

  it('fills the days before today and today until now, in the order of time', () => {
    expect(requests[0]?.atMs).toBeGreaterThanOrEqual(midnight - 3 * DAY_MS);
    expect(requests.at(-1)?.atMs).toBeLessThan(noon);
    expect(requests.map(({ atMs }) => atMs)).toEqual(
      requests.map(({ atMs }) => atMs).sort((left, right) => left - right),
    );
  });

  it('sends the sample as it is on calm days, and the segment in another unit from yesterday on', () => {
    for (const { atMs, application } of requests) {
      const calm = atMs < midnight - DAY_MS;
      const paid = Number(application['paid']);
      expect(calm ? paid >= 5000 : paid === 5).toBe(true);
      if (!calm && application['limit'] !== 100) expect(Number(application['limit'])).toBeLessThanOrEqual(10);
    }
  });

  it('sends a few applications a day that must be refused', () => {
    const spoiled = requests.filter(({ application }) => application['limit'] === 100);
    const calmDays = spoiled.filter(({ atMs }) => atMs < midnight - DAY_MS);
    expect(calmDays).toHaveLength(4);
  });
});
