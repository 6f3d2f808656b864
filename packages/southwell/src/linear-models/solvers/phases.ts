/** Time measurement by phases of a solver, of which one runs at a time. */
export class Phases {
  private readonly seconds = new Map<string, number>();
  private current: string | undefined;
  private since = 0;

  /** Starts to count time for `phase`; without one, time is not counted. */
  begin(phase?: string): void {
    const now = performance.now();
    if (this.current !== undefined) {
      this.seconds.set(this.current, (this.seconds.get(this.current) ?? 0) + (now - this.since) / 1000);
    }
    this.current = phase;
    this.since = now;
  }

  /** Runs `work` as a phase, then resumes the previous one. */
  during<T>(phase: string, work: () => T): T {
    const before = this.current;
    this.begin(phase);
    try {
      return work();
    } finally {
      this.begin(before);
    }
  }

  /** Seconds by phase, in the order in which they first began. */
  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.seconds);
  }
}
