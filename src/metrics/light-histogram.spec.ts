import { Histogram, Registry } from 'prom-client';
import { LightHistogram } from './light-histogram';

describe('LightHistogram', () => {
  it.each([
    ['no labels', {}],
    ['labels', { method: 'GET', route: '/a\\b"c' }],
  ])('writes what prom-client writes for the same observations: %s', async (_what, labels) => {
    const bounds = [0.000005, 0.05, 0.1, 2];
    const registry = new Registry();
    const labelNames = Object.keys(labels);
    const oracle = new Histogram({
      name: 'h',
      help: 'Help.',
      labelNames,
      buckets: bounds,
      registers: [registry],
    });
    const light = new LightHistogram('h', 'Help.', bounds);
    const series = light.addSeries(labels);
    // Below all, on a bound, just above it, between, and above all.
    for (const value of [0, 0.05, 0.050000001, 0.07, 2, 3, 1e9]) {
      oracle.observe(labels, value);
      series.observe(value);
    }
    expect(light.format()).toBe(await registry.metrics());
  });
});
