const { join, relative } = require('node:path');

/** Threads that the service starts from a TypeScript file run what `transpile-sources.cjs` made of it. */
jest.mock('node:worker_threads', () => {
  const threads = jest.requireActual('node:worker_threads');
  const sources = join(__dirname, '../../src');
  class Worker extends threads.Worker {
    constructor(file, settings) {
      const transpiled = join(__dirname, '../../build/threads', relative(sources, file).replace(/ts$/, 'js'));
      super(file.startsWith(sources) && file.endsWith('.ts') ? transpiled : file, settings);
    }
  }
  return { ...threads, Worker };
});
