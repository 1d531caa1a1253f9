import { readFileSync } from 'node:fs';

/** A panel, as far as tests look at it. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

/** The dashboard that is delivered. */
export function readDashboard(): { readonly uid: string; readonly panels: readonly Panel[] } {
  const text = readFileSync('deploy/grafana/dashboards/credit-scoring.json', 'utf8');
  return JSON.parse(text) as { uid: string; panels: Panel[] };
}

/** What Grafana sends to Prometheus for an expression: all instances, and a window of four scrapes and more. */
export function fillVariables(expression: string): string {
  return expression.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '10s');
}
