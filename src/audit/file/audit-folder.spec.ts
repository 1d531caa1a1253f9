import { readdir } from 'node:fs/promises';
import { LogFolder } from '../../../test/factories/log-folder';
import { aDecision, anAuditRecord } from '../../../test/factories/prediction-record';
import { LogUnavailableError } from '../../logging/prediction-log';
import { type AuditRecord } from '../../logging/prediction-record';
import { AuditFolder, auditFolderOf } from './audit-folder';
import { readAuditFolders } from './read-audit-folders';

let folder: LogFolder;

beforeEach(async () => {
  folder = await LogFolder.make();
});

afterEach(() => folder.remove());

function openFolder(path = folder.path): AuditFolder {
  return new AuditFolder(path, 'never', () => folder.now);
}

async function readAll(fromMs = 0, toMs = Number.MAX_SAFE_INTEGER): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  // Ids have 48 bits of time.
  const span = { fromMs, toMs: Math.min(toMs, 2 ** 48 - 1) };
  for await (const record of readAuditFolders(folder.path, span, () => undefined)) records.push(record);
  return records;
}

describe('AuditFolder', () => {
  it('keeps every record of several processes that write at the same time', async () => {
    const folders = Array.from({ length: 5 }, () => openFolder());
    const kept = await Promise.all(
      folders.flatMap((each) => Array.from({ length: 4 }, () => each.append(anAuditRecord()))),
    );
    const ids = (await readAll()).map(({ id }) => id);
    expect(ids).toHaveLength(20);
    expect(ids).toEqual(kept.map(({ id }) => id).toSorted());
  });

  it('can be written while a service holds the log, and leaves no lock behind', async () => {
    const log = await folder.open();
    await openFolder().append(anAuditRecord());
    expect(await readdir(auditFolderOf(folder.path))).toEqual(['production_logs.json']);
    await log.close();
  });

  it('says what to do when its folder cannot be made, as a log that cannot be written', async () => {
    await folder.writeActive(Buffer.alloc(0));
    const kept = openFolder(`${folder.path}/production_logs.json`).append(anAuditRecord());
    await expect(kept).rejects.toThrow(LogUnavailableError);
    await expect(kept).rejects.toThrow('is missing and cannot be made');
  });
});

describe('readAuditFolders', () => {
  it('reads the records of the service and of the command line as one trail, in the order of time', async () => {
    const log = await folder.open();
    const beside = openFolder();
    const written: AuditRecord[] = [];
    for (let number = 0; number < 8; number += 1) {
      folder.now += 1000;
      await log.append(aDecision());
      const draft = anAuditRecord({ caller: `caller ${String(number)}` });
      written.push(await (number % 3 === 0 ? beside.append(draft) : log.append<AuditRecord>(draft)));
    }
    await log.close();
    expect(await readAll()).toEqual(written);
    const [second, fifth] = [written[1], written[4]];
    expect(await readAll(Date.parse(second?.at ?? ''), Date.parse(fifth?.at ?? ''))).toEqual(
      written.slice(1, 4),
    );
  });

  it('is empty where nothing was ever recorded', async () => {
    expect(await readAll()).toEqual([]);
  });

  it('counts lines that could not be read', async () => {
    await openFolder().append(anAuditRecord());
    const log = await folder.open();
    await log.append<AuditRecord>(anAuditRecord());
    await log.close();
    const bytes = await folder.readActive();
    bytes[80] = 0;
    await folder.writeActive(bytes);
    let damaged = 0;
    const trail = readAuditFolders(
      folder.path,
      { fromMs: 0, toMs: 2 ** 48 - 1 },
      (lines) => (damaged += lines),
    );
    let read = 0;
    for await (const { id } of trail) read += id === '' ? 0 : 1;
    expect({ read, damaged }).toEqual({ read: 1, damaged: 1 });
  });
});
