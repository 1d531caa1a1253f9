import { Logger } from '@nestjs/common';
import { LogFolder } from '../../test/factories/log-folder';
import { type AuditContext } from '../common/audit';
import { type FilePredictionLog } from '../logging/file/file-prediction-log';
import { type AuditRecord } from '../logging/prediction-record';
import { AuditTrail } from './audit-trail';

const MALLORY: AuditContext = { caller: 'anonymous', requestId: 'request-1', from: '203.0.113.9' };

let folder: LogFolder;
let log: FilePredictionLog;
let trail: AuditTrail;

beforeEach(async () => {
  folder = await LogFolder.make();
  log = await folder.open();
  trail = new AuditTrail({ append: (draft) => log.append<AuditRecord>(draft) });
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
});

afterEach(async () => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  await log.close();
  await folder.remove();
});

async function recorded(): Promise<AuditRecord['audit'][]> {
  // What was noted is written behind the answer; a record of our own comes after it.
  await log.append<AuditRecord>({ audit: { action: 'export', outcome: 'last' }, caller: 'test' });
  const { records } = await log.readAudit({ limit: 1000 });
  return records.map(({ audit }) => audit).filter(({ outcome }) => outcome !== 'last');
}

describe('AuditTrail', () => {
  it('confirms an act only after its record can be read: who, what, when, from where', async () => {
    await trail.confirm(
      'key-created',
      { caller: 'administrator', requestId: 'r-7', from: '192.0.2.7' },
      {
        subject: 'cs_1f6f3b6f',
        outcome: 'done',
        details: { scopes: 'predict' },
      },
    );
    const { records } = await log.readAudit({ limit: 10 });
    expect(records).toEqual([
      {
        id: expect.any(String) as string,
        at: '2026-03-14T12:00:00.000Z',
        audit: {
          action: 'key-created',
          subject: 'cs_1f6f3b6f',
          outcome: 'done',
          from: '192.0.2.7',
          details: { scopes: 'predict' },
        },
        caller: 'administrator',
        requestId: 'r-7',
      },
    ]);
  });

  it('does not confirm an act whose record could not be kept', async () => {
    await log.close();
    await expect(trail.confirm('key-revoked', MALLORY, { outcome: 'done' })).rejects.toThrow('is closed');
  });

  it('notes without failing: what could not be kept is told to the application log', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    await log.close();
    trail.note('replay', MALLORY, { outcome: 'done' });
    await trail.beforeApplicationShutdown();
    expect(warn).toHaveBeenCalledWith(
      expect.objectContaining({ action: 'replay', msg: 'an act left no audit record' }),
    );
  });

  it('keeps the first refusal of an address at once, and the others of that minute as one sum', async () => {
    for (let times = 0; times < 500; times += 1) {
      trail.note('access-refused', MALLORY, { subject: '/metrics', outcome: '401' });
    }
    trail.note(
      'access-refused',
      { ...MALLORY, from: '198.51.100.2' },
      { subject: '/metrics', outcome: '403' },
    );
    expect(await recorded()).toEqual([
      { action: 'access-refused', subject: '/metrics', outcome: '401', from: '203.0.113.9' },
      { action: 'access-refused', subject: '/metrics', outcome: '403', from: '198.51.100.2' },
    ]);
    jest.advanceTimersByTime(60_000);
    const sum = {
      action: 'access-refused',
      subject: '/metrics',
      outcome: '401',
      from: '203.0.113.9',
      times: 499,
    };
    expect((await recorded()).slice(2)).toEqual([sum]);
    trail.note('access-refused', MALLORY, { subject: '/metrics', outcome: '401' });
    expect(await recorded()).toHaveLength(4);
  });

  it('says "several" where summed refusals differ', async () => {
    for (const [caller, subject] of [
      ['a', '/a'],
      ['b', '/a'],
      ['b', '/c'],
    ] as const) {
      trail.note('log-in-failed', { caller, from: '203.0.113.9' }, { subject, outcome: 'refused' });
    }
    jest.advanceTimersByTime(60_000);
    await trail.beforeApplicationShutdown();
    const { records } = await log.readAudit({ limit: 10, order: 'newest-first' });
    expect(records[0]).toMatchObject({
      caller: 'several',
      audit: { action: 'log-in-failed', subject: 'several', outcome: 'refused', times: 2 },
    });
  });

  it('makes no more than some thousand records of a minute, from however many addresses', async () => {
    for (let address = 0; address < 5000; address += 1) {
      trail.note(
        'access-refused',
        { caller: 'x', from: `10.0.${address >> 8}.${address & 255}` },
        { outcome: '401' },
      );
    }
    jest.advanceTimersByTime(60_000);
    await trail.beforeApplicationShutdown();
    const { records } = await log.readAudit({ limit: 10_000 });
    expect(records).toHaveLength(1001);
    expect(records.at(-1)?.audit).toMatchObject({ from: 'several', times: 4000 });
  });

  it('does not sum up anything else', async () => {
    for (let times = 0; times < 3; times += 1)
      trail.note('export', MALLORY, { subject: '/x.csv', outcome: 'done' });
    expect(await recorded()).toHaveLength(3);
  });

  it('writes the sums before the log closes', async () => {
    trail.note('access-refused', MALLORY, { outcome: '401' });
    trail.note('access-refused', MALLORY, { outcome: '401' });
    await trail.beforeApplicationShutdown();
    trail.note('access-refused', MALLORY, { outcome: '401' });
    expect((await recorded()).map(({ times }) => times)).toEqual([undefined, 1, undefined]);
  });
});
