/** One thing the service promises, as it came out. */
export interface Goal {
  readonly promise: string;
  readonly measured: string;
  readonly met: boolean;
}

/** Prints each goal with PASS or MISS; a goal missed makes this process end with 1. */
export function reportGoals(goals: readonly Goal[]): void {
  console.log();
  for (const { promise, measured, met } of goals) {
    console.log(`${met ? 'PASS' : 'MISS'}  ${promise}: ${measured}`);
    if (!met) process.exitCode = 1;
  }
}
