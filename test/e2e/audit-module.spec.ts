import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AUDIT, type Audit } from '../../src/common/audit';
import { CommonModule } from '../../src/common/common.module';
import { ConfigModule } from '../../src/config/config.module';
import { parseConfiguration } from '../../src/config/parse-configuration';
import { DatabaseModule } from '../../src/database/database.module';
import { ON_FATAL_LOG_ERROR } from '../../src/logging/fatal-log-error';
import { AuditModule } from '../../src/audit/audit.module';
import { readAuditFolders } from '../../src/audit/file/read-audit-folders';

@Module({})
class Root {}

let dataFolder: string;
let app: INestApplicationContext;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'audit-module-'));
});
afterEach(() => rm(dataFolder, { recursive: true, force: true }));

function root(roles: string): DynamicModule {
  return {
    module: Root,
    global: true,
    imports: [
      ConfigModule.forRoot(parseConfiguration({ ROLES: roles, DATA_DIR: dataFolder })),
      CommonModule.forRoot(Date.now),
      DatabaseModule,
      AuditModule,
    ],
    providers: [{ provide: ON_FATAL_LOG_ERROR, useValue: () => undefined }],
    exports: [ON_FATAL_LOG_ERROR],
  };
}

describe('AuditModule', () => {
  it.each([
    { roles: 'api', folder: '.', why: 'it writes the log' },
    { roles: 'monitoring', folder: 'audit', why: 'the log has another writer' },
  ])('keeps what any room tells it in $folder with ROLES=$roles, as $why', async ({ roles, folder }) => {
    app = await NestFactory.createApplicationContext(root(roles), { logger: false, abortOnError: false });
    const audit = app.get<Audit>(AUDIT);
    await audit.confirm('alert-acknowledged', { caller: 'ann' }, { subject: 'alert-1', outcome: 'done' });
    audit.note('access-refused', { caller: 'bob', from: '192.0.2.1' }, { outcome: '403' });
    audit.note('access-refused', { caller: 'bob', from: '192.0.2.1' }, { outcome: '403' });
    await app.close();

    const logFolder = join(dataFolder, 'logs');
    expect(await readdir(join(logFolder, folder))).toContain('production_logs.json');
    const acts: unknown[] = [];
    for await (const record of readAuditFolders(
      logFolder,
      { fromMs: 0, toMs: 2 ** 48 - 1 },
      () => undefined,
    )) {
      acts.push([record.caller, record.audit.action, record.audit.times]);
    }
    expect(acts).toEqual([
      ['ann', 'alert-acknowledged', undefined],
      ['bob', 'access-refused', undefined],
      ['bob', 'access-refused', 1],
    ]);
  });
});
