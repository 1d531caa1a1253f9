import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleBody, findFreePort, ServiceProcess } from './service-process';

let dataFolder: string;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'service-start-'));
});
afterEach(() => rm(dataFolder, { recursive: true, force: true }));

describe('a start that cannot succeed', () => {
  it('ends with 1 and says, in one line without a stack, which setting to change: a port in use', async () => {
    const port = await findFreePort();
    const first = ServiceProcess.start(port, { DATA_DIR: join(dataFolder, 'first') });
    await first.ready();
    const second = ServiceProcess.start(port, { DATA_DIR: join(dataFolder, 'second') });
    expect(await second.ended()).toBe(1);
    expect(second.printed).toBe(
      'The service did not start. PORT: another program listens there already. Stop it, or set PORT to a free one.\n',
    );
    await first.kill();
  });

  it.each([
    ['MODEL', 'nobody', /^The service did not start\. MODEL: the version asked for is not in .*\n$/m],
    [
      'HOST',
      '192.0.2.1',
      /^The service did not start\. HOST: cannot be listened on \(EADDRNOTAVAIL\)\..*\n$/m,
    ],
  ])('ends with 1 and names the setting: %s=%s', async (key, value, message) => {
    // Only with access control may HOST be another machine's address; its first key is printed before.
    const settings = { AUTH: 'on', DATA_DIR: dataFolder, [key]: value };
    const service = ServiceProcess.start(await findFreePort(), settings);
    expect(await service.ended()).toBe(1);
    expect(service.printed).toMatch(message);
  });
});

describe('a start on a log with a damaged line', () => {
  it('warns that the line was set aside, and decides', async () => {
    const port = await findFreePort();
    const before = ServiceProcess.start(port, { DATA_DIR: dataFolder });
    await before.ready();
    expect((await before.send('POST', '/predict', exampleBody()))?.status).toBe(200);
    await before.kill();
    await appendFile(join(dataFolder, 'logs', 'production_logs.json'), '{"id":"damaged"}\n');

    const after = ServiceProcess.start(port, { DATA_DIR: dataFolder });
    await after.ready();
    expect(JSON.parse(after.printed)).toMatchObject({ level: 'warn', damagedLines: 1 });
    expect((await after.send('POST', '/predict', exampleBody()))?.status).toBe(200);
    await after.kill();
  });
});
