import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { errorCode } from '../../common/error-code';
import { SOLE_HOLDER } from '../../common/leases';
import { parseConfiguration } from '../../config/parse-configuration';
import { ServiceMetrics } from '../../metrics/service-metrics';
import { type AlertKind } from './alert';
import { type AlertSink, type DeliveryOutcome } from './alert-sinks/alert-sink';
import { type AlertCause, type AlertNotice, type CauseKey } from './alert-state';
import { Alerts } from './alerts';
import { FileAlertStore } from './file-alert-store';

const MINUTE = 60_000;
const COOLDOWN_MINUTES = 10;

/** Tells at once, or is interrupted until the next start: the webhook of a process that is killed. */
class UnsteadySink implements AlertSink {
  readonly name = 'webhook';
  readonly told: AlertNotice[] = [];
  steady = true;

  deliver(notice: AlertNotice): Promise<DeliveryOutcome> {
    if (!this.steady) return Promise.resolve('interrupted');
    this.told.push(notice);
    return Promise.resolve('settled');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const keys: readonly CauseKey[] = [
  { kind: 'error_rate', subject: null },
  { kind: 'damaged_log_lines', subject: null },
  { kind: 'input_drifted', subject: 'age' },
  { kind: 'input_drifted', subject: 'income' },
];

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('look' as const),
      holding: fc.subarray([...keys]),
      severity: fc.constantFrom('warning' as const, 'critical' as const),
      undecidedKinds: fc.subarray<AlertKind>(['error_rate', 'input_drifted'], { maxLength: 1 }),
      undecidedInputs: fc.subarray(['age', 'income']),
      decided: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: -15, max: 15 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('acknowledge' as const), index: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('restart' as const, 'kill' as const),
      steady: fc.boolean(),
    }),
  },
);

function keyOf({ kind, subject }: CauseKey): string {
  return `${kind} ${String(subject)}`;
}

function causeOf(key: CauseKey, severity: AlertCause['severity']): AlertCause {
  return { ...key, severity, figures: { psi: 0.3 } };
}

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('any sequence of causes, acknowledgements, restarts, kills and clock steps', () => {
  it('has one alert at most per cause that is not closed, and tells each opening exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const folders = [await mkdtemp(join(tmpdir(), 'alerts-property-'))];
        const sink = new UnsteadySink();
        let nowMs = Date.UTC(2026, 10, 23, 12);
        const start = async (): Promise<Alerts> => {
          const configuration = parseConfiguration({
            DATA_DIR: folders.at(-1),
            ALERT_COOLDOWN_MINUTES: String(COOLDOWN_MINUTES),
          });
          const clock = (): number => nowMs;
          const store = new FileAlertStore(configuration.monitoring.folder, clock);
          const started = new Alerts(configuration, clock, [sink], new ServiceMetrics(), store, SOLE_HOLDER);
          await started.onModuleInit();
          return started;
        };
        let alerts = await start();
        const opened = new Set<string>();
        try {
          for (const each of steps) {
            switch (each.do) {
              case 'look': {
                const kinds = new Set(each.decided ? [] : each.undecidedKinds);
                const inputs = new Set(each.decided ? [] : each.undecidedInputs);
                const causes = each.holding.map((key) => causeOf(key, each.severity));
                await alerts.observe({ causes, undecided: { kinds, inputs } });
                nowMs += MINUTE;
                break;
              }
              case 'wait':
                nowMs += each.minutes * MINUTE;
                break;
              case 'acknowledge': {
                const alert = alerts.list()[each.index];
                if (alert && alert.state !== 'closed') await alerts.acknowledge(alert.id, 'note', 'me');
                break;
              }
              case 'restart':
                await alerts.onModuleDestroy();
                sink.steady = each.steady;
                alerts = await start();
                break;
              case 'kill': {
                // What stands on the disk at this moment is all that the next process has.
                const copy = await mkdtemp(join(tmpdir(), 'alerts-property-'));
                await copyAlerts(folders.at(-1) as string, copy);
                await alerts.onModuleDestroy();
                folders.push(copy);
                sink.steady = each.steady;
                alerts = await start();
              }
            }
            const notClosed = alerts.list().filter(({ state }) => state !== 'closed');
            expect(new Set(notClosed.map(keyOf)).size).toBe(notClosed.length);
            for (const { id } of alerts.list()) opened.add(id);
          }
          // A start with a sink that works, so that nothing is left to tell.
          await alerts.onModuleDestroy();
          sink.steady = true;
          alerts = await start();
          expectToldOnce(sink.told, opened);
        } finally {
          await alerts.onModuleDestroy();
          for (const folder of folders) await rm(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 150 },
    );
  }, 120_000);
});

async function copyAlerts(from: string, to: string): Promise<void> {
  const path = ['logs', 'monitoring', 'alerts.json'];
  await mkdir(join(to, 'logs', 'monitoring'), { recursive: true });
  await copyFile(join(from, ...path), join(to, ...path)).catch((error: unknown) => {
    // Before the first look there is none.
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}

/**
 * Each alert is told as opened once, and after that only when it was told as closed and the cooldown has passed. (A
 * process that is killed between telling and noting it tells again under the same key, for receivers to drop.)
 */
function expectToldOnce(told: readonly AlertNotice[], opened: ReadonlySet<string>): void {
  const notices = [...new Map(told.map((notice) => [notice.id, notice])).values()];
  expect(new Set(notices.map(({ alert }) => alert.id))).toEqual(opened);
  for (const id of opened) {
    const ofAlert = notices.filter(({ alert }) => alert.id === id);
    for (const [index, { event, at }] of ofAlert.entries()) {
      expect(event).toBe(index % 2 === 0 ? 'opened' : 'closed');
      const before = ofAlert[index - 1];
      if (event === 'opened' && before !== undefined) {
        expect(Date.parse(at) - Date.parse(before.at)).toBeGreaterThanOrEqual(COOLDOWN_MINUTES * MINUTE);
      }
    }
  }
}
