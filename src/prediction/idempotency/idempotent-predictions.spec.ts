import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultyFiles } from '../../../test/factories/faulty-files';
import { KeyedProcesses, refusalWith } from '../../../test/factories/keyed-processes';
import { ProblemException } from '../../common/http/problem';
import { type InputValue } from '../../scoring/application/application';

const DAY = 24 * 3_600_000;

let processes: KeyedProcesses;
beforeEach(async () => {
  processes = await KeyedProcesses.make();
});
afterEach(() => processes.remove());

describe('a key that is sent again', () => {
  it('gets the same answer byte for byte, and one record that carries the key', async () => {
    const service = await processes.start();
    const first = await service.send('key', processes.anApplication());
    const second = await service.send('key', processes.anApplication());
    expect(first.replayed).toBe(false);
    expect(second.replayed).toBe(true);
    expect(JSON.stringify(second.prediction)).toBe(JSON.stringify(first.prediction));
    expect(await service.recordsOf('key')).toEqual([
      expect.objectContaining({ id: first.prediction.id, idempotencyKey: 'key', clientId: 'client-1' }),
    ]);
    await service.stop();
  });

  it('is refused with 422 for another application, and stands for the first one still', async () => {
    const service = await processes.start();
    await service.send('key', processes.anApplication(1));
    await expect(service.send('key', processes.anApplication(2))).rejects.toEqual(refusalWith(422));
    expect((await service.send('key', processes.anApplication(1))).replayed).toBe(true);
    await service.stop();
  });

  it('is another key for another caller and for another tenant', async () => {
    const service = await processes.start();
    const ids = new Set<string>();
    for (const who of [
      { caller: 'a', tenant: 'x' },
      { caller: 'b', tenant: 'x' },
      { caller: 'a', tenant: 'y' },
    ]) {
      const { replayed, prediction } = await service.send('key', processes.anApplication(), who);
      expect(replayed).toBe(false);
      ids.add(prediction.id);
    }
    expect(ids.size).toBe(3);
    await service.stop();
  });

  it('makes one decision for 100 requests at once: the others get 409 with Retry-After', async () => {
    const service = await processes.start();
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, () => service.send('key', processes.anApplication())),
    );
    const refused = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as unknown] : [],
    );
    expect(refused).toEqual(new Array(99).fill(refusalWith(409, { 'Retry-After': '1' })));
    expect(await service.recordsOf('key')).toHaveLength(1);
    await service.stop();
  });

  it('is replayed to all of 100 requests at once when it was answered before', async () => {
    const service = await processes.start();
    const { prediction } = await service.send('key', processes.anApplication());
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => service.send('key', processes.anApplication())),
    );
    expect(answers).toEqual(new Array(100).fill({ prediction, replayed: true }));
    await service.stop();
  });

  it('is free again 24 hours after its record, to the millisecond', async () => {
    const service = await processes.start();
    const first = await service.send('key', processes.anApplication(1));
    processes.now += DAY - 1;
    expect((await service.send('key', processes.anApplication(1))).replayed).toBe(true);
    processes.now += 1;
    const second = await service.send('key', processes.anApplication(2));
    expect(second.replayed).toBe(false);
    expect(second.prediction.id > first.prediction.id).toBe(true);
    await service.stop();
  });

  it('is free after a decision whose record could not be kept', async () => {
    const files = new FaultyFiles();
    const service = await processes.start(files.open);
    files.next('write', { code: 'ENOSPC' });
    await expect(service.send('key', processes.anApplication(1))).rejects.toEqual(refusalWith(503));
    expect((await service.send('key', processes.anApplication(2))).replayed).toBe(false);
    expect(await service.recordsOf('key')).toHaveLength(1);
    await service.stop();
  });

  it('is free after an application that could not be scored', async () => {
    const service = await processes.start();
    const largest = processes.models
      .champion()
      .bundle.inputs.map(({ name }): [string, InputValue] => [name, 1e300]);
    const unscorable = { inputs: Object.fromEntries(largest) };
    await expect(service.send('key', unscorable)).rejects.toBeInstanceOf(ProblemException);
    expect((await service.send('key', processes.anApplication())).replayed).toBe(false);
    await service.stop();
  });

  it('decides once more, for one of many requests, when the line of its record was damaged since', async () => {
    const first = await processes.start();
    const { prediction } = await first.send('key', processes.anApplication());
    await first.send('other', processes.anApplication());
    await first.stop();
    const path = join(processes.logFolder, 'production_logs.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"decision":"APPROVED"', '"decision":"APPROVEX"'));

    const second = await processes.start();
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => second.send('key', processes.anApplication())),
    );
    const decided = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    expect(decided.filter(({ replayed }) => !replayed)).toHaveLength(1);
    const records = await second.recordsOf('key');
    expect(records).toHaveLength(1);
    expect(records[0]?.id).not.toBe(prediction.id);
    await second.stop();
  });
});
