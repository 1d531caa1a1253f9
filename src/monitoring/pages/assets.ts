import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { VIEWS_FOLDER } from './views-folder';

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
const PICTURE = 'image/svg+xml';

const OWN = join(VIEWS_FOLDER, 'assets');
/** Their packages export no path to these files, but their main files lie beside them. */
const CHART = dirname(require.resolve('chart.js'));
const ANNOTATION = dirname(require.resolve('chartjs-plugin-annotation'));

/** All there is to load; nothing else is served, whatever the address says. */
const FILES = {
  'page.css': [OWN, STYLE],
  'page.js': [OWN, SCRIPT],
  'charts.js': [OWN, SCRIPT],
  'favicon.svg': [OWN, PICTURE],
  'chart.umd.min.js': [CHART, SCRIPT],
  'chartjs-plugin-annotation.min.js': [ANNOTATION, SCRIPT],
} as const;

/** A file that pages load. */
export type AssetName = keyof typeof FILES;

/** One loaded file. */
export interface Asset {
  readonly content: Buffer;
  readonly type: string;
  /** Start of its SHA-256: another content has another address, so it may be kept for ever. */
  readonly version: string;
}

/** Long enough that no two versions of a file share it. */
const VERSION_LENGTH = 16;

/** The files that pages load, read once at start. */
@Injectable()
export class Assets {
  private readonly assets: ReadonlyMap<string, Asset>;

  /** @throws Error when a file is missing: the service was not installed whole */
  constructor() {
    this.assets = new Map(
      Object.entries(FILES).map(([name, [folder, type]]): [string, Asset] => {
        const content = readFileSync(join(folder, name));
        const version = createHash('sha256').update(content).digest('hex').slice(0, VERSION_LENGTH);
        return [name, { content, type, version }];
      }),
    );
  }

  find(name: string): Asset | undefined {
    return this.assets.get(name);
  }

  /** Address of a file, which changes with its content. */
  address(name: AssetName): string {
    return `/monitoring/assets/${name}?v=${this.assets.get(name)?.version ?? ''}`;
  }
}
