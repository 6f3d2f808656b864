/** Where the seconds of a solver go: a clock for each part of the work, one running at a time. */
export class Phases {
  private readonly seconds = new Map<string, number>();
  private current: string | undefined;
  private since = 0;

  /** From now on the time is that of `phase`; without one, of nobody. */
  begin(phase?: string): void {
    const now = performance.now();
    if (this.current !== undefined) {
      this.seconds.set(this.current, (this.seconds.get(this.current) ?? 0) + (now - this.since) / 1000);
    }
    this.current = phase;
    this.since = now;
  }

  /** Runs `work` as a phase, then goes on with the one before. */
  during<T>(phase: string, work: () => T): T {
    const before = this.current;
    this.begin(phase);
    try {
      return work();
    } finally {
      this.begin(before);
    }
  }

  /** Seconds by phase, in the order of their beginnings. */
  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.seconds);
  }
}
