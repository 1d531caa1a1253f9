import { setImmediate as nextTurn } from 'node:timers/promises';
import { someAlert } from '../../../test/factories/monitoring';
import { type AlertSink, type DeliveryOutcome } from './alert-sinks/alert-sink';
import { type AlertNotice, NO_ALERTS } from './alert-state';
import { NoticeDelivery, withoutSettled } from './notice-delivery';

let told: string[];
let settled: number;

beforeEach(() => {
  told = [];
  settled = 0;
});

function sink(name: string, outcome: DeliveryOutcome = 'settled'): AlertSink {
  return {
    name,
    deliver: ({ id }) => {
      told.push(`${name} ${id}`);
      return Promise.resolve(outcome);
    },
    close: () => Promise.resolve(),
  };
}

function deliveryTo(...sinks: readonly AlertSink[]): NoticeDelivery {
  return new NoticeDelivery(sinks, () => {
    settled += 1;
  });
}

function notice(id: string, waitingFor: readonly string[]): AlertNotice {
  return { id, event: 'opened', at: '2026-11-23T12:30:00.000Z', alert: someAlert(), waitingFor };
}

it('tells each notice once, those that are new and those that another process left', async () => {
  const delivery = deliveryTo(sink('log'), sink('webhook'));
  const left = notice('left', ['webhook']);
  delivery.deliver([left]);
  delivery.deliver([left, notice('new', ['log', 'webhook'])]);
  await nextTurn();

  expect(told).toEqual(['webhook left', 'log new', 'webhook new']);
  expect(settled).toBe(3);
});

it('settles what waits for a sink that there is no more, and not what was interrupted', async () => {
  const delivery = deliveryTo(sink('webhook', 'interrupted'));
  delivery.deliver([notice('one', ['removed', 'webhook'])]);
  await nextTurn();

  expect(delivery.settlements).toEqual([{ noticeId: 'one', sink: 'removed' }]);
});

it('keeps a settlement until it is confirmed, and those that came meanwhile', async () => {
  const delivery = deliveryTo(sink('log'));
  delivery.deliver([notice('one', ['log'])]);
  await nextTurn();
  const { settlements } = delivery;
  delivery.deliver([notice('one', ['log']), notice('two', ['log'])]);
  await nextTurn();
  delivery.confirm(settlements);

  expect(delivery.settlements).toEqual([{ noticeId: 'two', sink: 'log' }]);
});

it('forgets a notice when its last sink has it', () => {
  const notices = [notice('one', ['log', 'webhook']), notice('two', ['log'])];
  const settlements = [
    { noticeId: 'one', sink: 'log' },
    { noticeId: 'two', sink: 'log' },
  ];

  expect(withoutSettled({ ...NO_ALERTS, notices }, settlements).notices).toEqual([
    notice('one', ['webhook']),
  ]);
});
