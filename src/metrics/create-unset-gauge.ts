import { Gauge, type Registry } from 'prom-client';

/** A gauge without labels that is left out of the answer until it is set, where prom-client would say 0. */
export function createUnsetGauge(registry: Registry, name: string, help: string): Gauge {
  const gauge = new Gauge({ name, help, registers: [registry] });
  gauge.remove();
  return gauge;
}
