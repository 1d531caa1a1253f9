import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../common/error-code';
import { writeNewVersion } from '../../logging/file/write-new-version';
import { CLIENT_ID_PATTERN } from '../../scoring/application/application';
import { LegalHoldsError } from '../log-upkeep';
import { upkeepFolderOf } from './upkeep-lock';

const FILE = 'legal-holds.json';
const FORMAT = 'legal-holds/1';

/** The file of legal holds, `upkeep/legal-holds.json` beside the log: see `LogUpkeep.readHolds`. */
export class LegalHolds {
  private constructor(
    private readonly path: string,
    private readonly held: Set<string>,
  ) {}

  /** @throws {LegalHoldsError} the file is there and cannot be understood */
  static async read(logFolder: string): Promise<LegalHolds> {
    const path = join(upkeepFolderOf(logFolder), FILE);
    return new LegalHolds(path, new Set(parse(path, await readExisting(path))));
  }

  /** All held clients, in the order in which they were held. */
  get clientIds(): readonly string[] {
    return [...this.held];
  }

  /**
   * Holds a client durably; within `withUpkeepLock` only.
   *
   * @returns false when it was held already
   */
  async add(clientId: string): Promise<boolean> {
    if (this.held.has(clientId)) return false;
    this.held.add(clientId);
    await this.write();
    return true;
  }

  /**
   * Lets a client go, durably; within `withUpkeepLock` only.
   *
   * @returns false when it was not held
   */
  async remove(clientId: string): Promise<boolean> {
    if (!this.held.delete(clientId)) return false;
    await this.write();
    return true;
  }

  private async write(): Promise<void> {
    await mkdir(join(this.path, '..'), { recursive: true });
    const content = `${JSON.stringify({ format: FORMAT, clientIds: this.clientIds }, null, 2)}\n`;
    await writeNewVersion(this.path, (file) => file.writeFile(content));
  }
}

function parse(path: string, text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  try {
    const content = JSON.parse(text) as { readonly format?: unknown; readonly clientIds?: unknown } | null;
    const clientIds = content?.format === FORMAT ? content.clientIds : undefined;
    if (Array.isArray(clientIds) && clientIds.every(isClientId)) return clientIds;
  } catch {
    // Said below.
  }
  throw new LegalHoldsError(
    `${path}: expected {"format": "${FORMAT}", "clientIds": [...]} with client ids as POST /predict takes them. ` +
      'Bring the file back from a backup, or correct it: until then nothing is erased or removed.',
  );
}

function isClientId(value: unknown): value is string {
  return typeof value === 'string' && CLIENT_ID_PATTERN.test(value);
}

async function readExisting(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
