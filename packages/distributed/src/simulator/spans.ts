/** A time in which a rank did one thing, in seconds of the simulated clock. */
export interface Span {
  /** `work`: declared work; `wait`: waiting for an exchange to complete. */
  readonly kind: 'work' | 'wait';
  readonly from: number;
  readonly to: number;
}

/** What a rank did in a simulation, and how it differed from the others. */
export interface RankCourse {
  /** The factor by which its work and its sending take longer. */
  readonly slowness: number;
  /** Whether the network altered what it sent, as a Byzantine rank. */
  readonly byzantine: boolean;
  /** The time at which it was stopped; undefined if it was not. */
  readonly stopped: number | undefined;
  /** The time at which its program ended; undefined if it did not. */
  readonly ended: number | undefined;
  /** The reading of its clock at time t is offset + (1 + drift) t. */
  readonly clock: { readonly offset: number; readonly drift: number };
  /** In the order of time; waiting times of 0 are left out. Empty without a trace. */
  readonly spans: readonly Span[];
}
