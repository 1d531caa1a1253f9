import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `package.json` stands beside the folder of the compiled code, and beside `src` under test. */
const PACKAGE_FILE = join(__dirname, '..', '..', 'package.json');

/** Version of the service, from `package.json`. */
export const SERVICE_VERSION: string = (JSON.parse(readFileSync(PACKAGE_FILE, 'utf8')) as { version: string })
  .version;
