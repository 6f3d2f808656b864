/** A part of an experiment that is fast enough to run on the first page while a visitor changes a parameter. */

export interface Live {
  readonly title: string;
  /** The parameter that a visitor changes. */
  readonly parameter: {
    readonly title: string;
    readonly min: number;
    readonly max: number;
    readonly step: number;
    readonly default: number;
  };
  /** The rectangle that is drawn: [left, right] and [bottom, top]. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  /** The objective on a log or root scale, for shading; dark is low. */
  height(x: number, y: number): number;
  /** What is searched for. */
  readonly goal: readonly [number, number];
  readonly method: string;
  readonly control: string;
  /** The path of the control, which does not depend on the parameter, and whether it reaches the goal. */
  controlPath(): LiveEnd;
  /** One run, frame by frame, from its own random numbers. */
  run(value: number, seed: number): Generator<LiveFrame, LiveEnd, undefined>;
}

export interface LiveFrame {
  readonly points: ReadonlyArray<ArrayLike<number>>;
  /** The present estimate. */
  readonly estimate: ArrayLike<number>;
}

export interface LiveEnd {
  readonly path: ReadonlyArray<ArrayLike<number>>;
  readonly reached: boolean;
}
