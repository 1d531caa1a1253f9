import { Counter, type Registry } from 'prom-client';

/** How often something happened; whoever holds it counts by `tally.count += 1`. */
export interface Tally {
  count: number;
}

/** A counter for what happens with every request: prom-client hears of it when it is asked for. */
export class LightCounter<Label extends string> {
  private readonly tallies: (Tally & { readonly labels: Readonly<Record<Label, string>> })[] = [];

  constructor(registry: Registry, name: string, help: string, labelNames: readonly Label[]) {
    const { tallies } = this;
    new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const { labels, count } of tallies) this.inc(labels, count);
      },
    });
  }

  /** A new series that starts at 0; asked for once for each set of labels. */
  addSeries(labels: Readonly<Record<Label, string>>): Tally {
    const tally = { labels, count: 0 };
    this.tallies.push(tally);
    return tally;
  }
}
