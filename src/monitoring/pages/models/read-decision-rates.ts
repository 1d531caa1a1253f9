import { type Decision, DECISIONS } from '../../../scoring/policy/decide';

/** What the policy's bands did to a labelled sample. */
export interface DecisionRates {
  /** Name of the sample, such as `holdout`. */
  readonly sample: string;
  readonly rows: number;
  /** Shares and default rates, both in [0, 1]. */
  readonly bands: Readonly<Record<Decision, { readonly share: number; readonly defaultRate: number }>>;
  /** In units of one refused good client. */
  readonly costPerApplication: number;
}

/** Keys of `training.metrics.decisions.<sample>` begin with the decision in lower case. */
const KEYS: Readonly<Record<Decision, string>> = {
  APPROVED: 'approved',
  REFERRED: 'referred',
  REJECTED: 'rejected',
};

/** The bands' rates by sample; samples in another shape are left out, for nothing in the metrics is promised. */
export function readDecisionRates(metrics: Readonly<Record<string, unknown>>): DecisionRates[] {
  const decisions: unknown = metrics['decisions'];
  if (typeof decisions !== 'object' || decisions === null) return [];
  return Object.entries(decisions).flatMap(([sample, figures]: [string, unknown]) => {
    if (typeof figures !== 'object' || figures === null) return [];
    const members = new Map<string, unknown>(Object.entries(figures));
    const number = (name: string): number => {
      const value = members.get(name);
      return typeof value === 'number' ? value : NaN;
    };
    const band = (decision: Decision): { share: number; defaultRate: number } => ({
      share: number(`${KEYS[decision]}Share`),
      defaultRate: number(`${KEYS[decision]}DefaultRate`),
    });
    const rates: DecisionRates = {
      sample,
      rows: number('rows'),
      bands: { APPROVED: band('APPROVED'), REFERRED: band('REFERRED'), REJECTED: band('REJECTED') },
      costPerApplication: number('costPerApplication'),
    };
    const all = [
      rates.rows,
      rates.costPerApplication,
      ...DECISIONS.flatMap((decision) => [rates.bands[decision].share, rates.bands[decision].defaultRate]),
    ];
    return all.every(Number.isFinite) ? [rates] : [];
  });
}
