const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/**
 * What each room of `src` may import, as the table in `src/README.md` says: that table is the rule. Imports are followed
 * to the file, also those by `import()`, which loads adapters, and those of types.
 */
function readBorders() {
  const text = readFileSync(join(__dirname, 'src/README.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)\/` \|.*\| ([^|]+) \|$/gm)];
  const borders = new Map(rows.map(([, room, allowed]) => [room, allowed]));
  const entries = readdirSync(join(__dirname, 'src'), { withFileTypes: true });
  const rooms = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const unlisted = rooms.find((room) => !borders.has(room));
  if (unlisted !== undefined)
    throw new Error(`src/README.md: give \`${unlisted}/\` a row in the table of rooms.`);
  return rooms.map((room) => ({ room, allowed: readAllowed(borders.get(room), entries) }));
}

/** The last cell of a row; undefined for a pure library. */
function readAllowed(cell, entries) {
  if (cell === 'nothing but itself') return undefined;
  if (cell === '–') return [];
  return cell.split(', ').map((word) => {
    const name = word.replaceAll('`', '');
    const entry = entries.find((each) => each.name === name);
    if (entry === undefined)
      throw new Error(`src/README.md: the table of rooms names "${word}", which src has not.`);
    return entry.isDirectory() ? `${name}/` : `${name}$`;
  });
}

const borders = readBorders().map(({ room, allowed }) => ({
  name: allowed ? `border-of-${room}` : `${room}-is-pure`,
  comment: `src/README.md says what src/${room} may import.`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: '\\.spec\\.ts$' },
  to: allowed
    ? { path: '^src/', pathNot: `^src/(${[`${room}/`, ...allowed].join('|')})` }
    : { pathNot: `^src/${room}/` },
}));

/** Borders between rooms, cycles and forgotten files. */
module.exports = {
  forbidden: [
    ...borders,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.spec\\.ts$', 'src/main\\.ts$', 'src/command-line/'] },
      to: {},
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'not-to-dev-dep',
      severity: 'error',
      from: { path: '^src', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'types', 'default'],
    },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
