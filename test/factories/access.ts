import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCESS_CONTROL, type AccessControl } from '../../src/auth/access-control';
import { KeysFile } from '../../src/auth/keys/keys-file';
import { type ApiKeyWishes } from '../../src/auth/keys/make-api-key';
import { Service } from './service';

/** The whole application with access control, and what makes keys for it. */
export class GuardedService {
  private constructor(
    readonly service: Service,
    readonly keysFile: KeysFile,
    readonly keysPath: string,
  ) {}

  /** Its folder is new unless the settings name one; an own key file exists before the service starts. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<GuardedService> {
    const dataFolder = settings['DATA_DIR'] ?? (await mkdtemp(join(tmpdir(), 'credit-scoring-')));
    const keysPath = join(dataFolder, 'logs', 'access', 'keys.json');
    const keysFile = new KeysFile(keysPath);
    await keysFile.create({ name: 'nobody', tenant: 'nowhere', scopes: ['outcomes'] }, Date.now());
    const service = await Service.start({ AUTH: 'on', ...settings, DATA_DIR: dataFolder });
    return new GuardedService(service, keysFile, keysPath);
  }

  /** A key that counts at once. */
  async key(wishes: Partial<ApiKeyWishes> = {}): Promise<string> {
    const { text } = await this.keysFile.create(
      { name: 'tester', tenant: 'default', scopes: ['predict', 'records', 'monitor'], ...wishes },
      Date.now(),
    );
    await this.refresh();
    return text;
  }

  /** Revokes a key, at once. */
  async revoke(key: string): Promise<void> {
    await this.keysFile.revoke(key.split('_')[1] ?? '', Date.now());
    await this.refresh();
  }

  private async refresh(): Promise<void> {
    const access = this.service.app.get<AccessControl>(ACCESS_CONTROL, { strict: false });
    if (access.mode === 'on') await access.keys.refresh();
  }
}
