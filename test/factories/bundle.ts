import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The text of a file of a bundle that is shipped. */
export function readBundleFile(
  bundle: 'credit-default' | 'german-credit',
  file: 'model.json' | 'parity.json',
): string {
  return readFileSync(join(bundleFolder(bundle), file), 'utf8');
}

/** Where a bundle lies. */
export function bundleFolder(bundle: 'credit-default' | 'german-credit'): string {
  const models = bundle === 'credit-default' ? 'models' : join('test', 'fixtures', 'models');
  return join(models, bundle, '1.0.0');
}
