/** What one rank sent in a phase, and the seconds that it spent in exchanges, including waiting. */
export interface Sent {
  messages: number;
  bytes: number;
  seconds: number;
}

/** By name of the phase. */
export type Phases = Readonly<Record<string, Readonly<Sent>>>;

/** Counts what one rank sends, by phase. */
export class Traffic {
  private readonly phases = new Map<string, Sent>();
  private current: Sent;

  constructor(private name = '') {
    this.current = this.of(name);
  }

  /** Starts counting under the given name; returns the previous one. */
  enter(name: string): string {
    const before = this.name;
    this.name = name;
    this.current = this.of(name);
    return before;
  }

  count(messages: number, bytes: number): void {
    this.current.messages += messages;
    this.current.bytes += bytes;
  }

  spend(seconds: number): void {
    this.current.seconds += seconds;
  }

  /** A copy; phases without communication are omitted. */
  report(): Phases {
    const entries = [...this.phases].filter(([, sent]) => sent.messages > 0 || sent.seconds > 0);
    return Object.fromEntries(entries.map(([name, sent]) => [name, { ...sent }]));
  }

  private of(name: string): Sent {
    let sent = this.phases.get(name);
    if (!sent) this.phases.set(name, (sent = { messages: 0, bytes: 0, seconds: 0 }));
    return sent;
  }
}
