const { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const ts = require('typescript');

const root = join(__dirname, '../..');
const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);

/** Once before all tests: `src` as JavaScript in `build/threads`, because threads do not go through Jest. */
module.exports = function transpileSources() {
  for (const entry of readdirSync(join(root, 'src'), { recursive: true })) {
    if (!entry.endsWith('.ts') || entry.endsWith('.spec.ts')) continue;
    const source = join(root, 'src', entry);
    const target = join(root, 'build/threads', entry.replace(/ts$/, 'js'));
    if (isNewer(target, source)) continue;
    mkdirSync(dirname(target), { recursive: true });
    const text = readFileSync(source, 'utf8');
    writeFileSync(
      target,
      ts.transpileModule(text, { compilerOptions: options, fileName: source }).outputText,
    );
  }
};

function isNewer(target, source) {
  const { mtimeMs } = statSync(target, { throwIfNoEntry: false }) ?? { mtimeMs: -Infinity };
  return mtimeMs > statSync(source).mtimeMs;
}
