/** Callers that ask for one decision after the other, and remember what was acknowledged. */
export class DecisionLoad {
  /** Ids of acknowledged decisions, in no order. */
  readonly acknowledged: string[] = [];
  private readonly callers: Promise<void>[] = [];
  private stopped = false;

  /**
   * @param decide one decision; answers the id of its record
   * @param callers how many ask at the same time
   */
  constructor(decide: () => Promise<string>, callers: number) {
    for (let caller = 0; caller < callers; caller += 1) this.callers.push(this.call(decide));
  }

  /** Waits until so many more were acknowledged. */
  async more(decisions: number): Promise<void> {
    const enough = this.acknowledged.length + decisions;
    while (this.acknowledged.length < enough) {
      // Rejects when a caller failed, as there would be no more.
      await Promise.race([new Promise((resolve) => setTimeout(resolve, 1)), ...this.callers]);
    }
  }

  /** Lets the last answers come in. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.callers);
  }

  private async call(decide: () => Promise<string>): Promise<void> {
    while (!this.stopped) this.acknowledged.push(await decide());
  }
}
