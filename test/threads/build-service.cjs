const { execFileSync } = require('node:child_process');
const { join } = require('node:path');
const transpileSources = require('./transpile-sources.cjs');

const root = join(__dirname, '../..');

/** Once before all tests that start the service as a process: `dist/` as `npm start` makes it. */
module.exports = function buildService() {
  execFileSync(process.execPath, [join(root, 'node_modules/@nestjs/cli/bin/nest.js'), 'build'], {
    cwd: root,
    stdio: 'inherit',
  });
  transpileSources();
};
