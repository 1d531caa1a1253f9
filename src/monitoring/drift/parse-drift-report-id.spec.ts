import { nameDriftReport } from './name-drift-report';
import { parseDriftReportId } from './parse-drift-report-id';

const span = { fromMs: Date.UTC(2026, 10, 22), toMs: Date.UTC(2026, 10, 23) };
const now = Date.UTC(2026, 10, 25, 9, 15, 2, 7);

describe('the name of a drift report', () => {
  it.each([
    { trigger: 'schedule', id: '2026-11-23T00-00-00Z', manualAtMs: null },
    { trigger: 'catch-up', id: '2026-11-23T00-00-00Z', manualAtMs: null },
    { trigger: 'manual', id: '2026-11-23T00-00-00Z.manual-2026-11-25T09-15-02.007Z', manualAtMs: now },
  ] as const)('is $id when made by $trigger, and is read back', ({ trigger, id, manualAtMs }) => {
    expect(nameDriftReport(span, trigger, now)).toBe(id);
    expect(parseDriftReportId(id)).toEqual({ windowEndMs: span.toMs, manualAtMs });
  });

  it.each([
    '',
    '2026-11-23',
    '2026-13-23T00-00-00Z',
    '2026-11-23T00-00-00Z.json',
    '2026-11-23T00-00-00Z.manual-',
    '2026-11-23T00-00-00Z.manual-2026-11-25T99-15-02.007Z',
    '../2026-11-23T00-00-00Z',
    '2026-11-23T00-00-00Z/../../alerts',
    '2026-11-23T00-00-00Z\n',
    '%2e%2e',
  ])('is not %j', (id) => {
    expect(parseDriftReportId(id)).toBeUndefined();
  });
});
