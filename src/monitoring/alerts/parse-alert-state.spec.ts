import { someAlert } from '../../../test/factories/monitoring';
import { ALERT_KINDS } from './alert';
import { type AlertState } from './alert-state';
import { ALERTS_FORMAT, parseAlertState } from './parse-alert-state';

const state: AlertState = {
  alerts: [
    { alert: someAlert(), looksWithoutCause: 1, toldClosedAt: null },
    {
      alert: someAlert({
        id: 'another',
        kind: 'no_traffic',
        subject: null,
        severity: 'warning',
        state: 'closed',
        acknowledgedAt: '2026-11-23T12:00:00.000Z',
        note: 'known',
        acknowledgedBy: 'me',
        closedAt: '2026-11-23T12:10:00.000Z',
        figures: { silentMinutes: 61, lastRecordAt: '2026-11-23T10:00:00.000Z' },
      }),
      looksWithoutCause: 0,
      toldClosedAt: '2026-11-23T12:10:00.000Z',
    },
  ],
  notices: [
    {
      id: 'notice',
      event: 'opened',
      at: '2026-11-23T12:00:00.000Z',
      alert: someAlert(),
      waitingFor: ['webhook'],
    },
  ],
  damagedLines: { met: 3, unacknowledged: 1 },
};
const text = JSON.stringify({ format: ALERTS_FORMAT, ...state });

it('reads back what was written', () => {
  expect(parseAlertState('alerts.json', text)).toEqual(state);
});

it.each(ALERT_KINDS)('reads back an alert of the kind %s', (kind) => {
  const kept: AlertState = {
    ...state,
    alerts: [{ alert: someAlert({ kind }), looksWithoutCause: 0, toldClosedAt: null }],
  };
  expect(parseAlertState('alerts.json', JSON.stringify({ format: ALERTS_FORMAT, ...kept }))).toEqual(kept);
});

it.each([
  { what: 'half of the text', damaged: text.slice(0, text.length / 2), key: '' },
  { what: 'nothing', damaged: '', key: '' },
  { what: 'another format', damaged: text.replace('alerts/1', 'alerts/2'), key: 'format' },
  { what: 'an unknown kind', damaged: text.replace('no_traffic', 'no_luck'), key: 'alerts[1].alert.kind' },
  {
    what: 'a state without its time',
    damaged: text.replace('"closedAt":"2026-11-23T12:10:00.000Z"', '"closedAt":null'),
    key: 'alerts[1].alert.closedAt',
  },
  {
    what: 'a day that does not exist',
    damaged: text.replace('"at":"2026-11-23', '"at":"2026-11-93'),
    key: 'notices[0].at',
  },
  { what: 'a negative count', damaged: text.replace('"met":3', '"met":-3'), key: 'damagedLines.met' },
  {
    what: 'a missing key',
    damaged: text.replace('"looksWithoutCause":1,', ''),
    key: 'alerts[0].looksWithoutCause',
  },
])('refuses $what and names the key', ({ damaged, key }) => {
  expect(() => parseAlertState('alerts.json', damaged)).toThrow(
    expect.objectContaining({ name: 'BundleError', key }) as Error,
  );
});
