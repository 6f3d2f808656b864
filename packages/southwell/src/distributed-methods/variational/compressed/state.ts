import { fail } from '@southwell/numerics/core';

/** A compressor with its stream and what it remembers, as plain data. */
export interface SenderState {
  readonly random: readonly number[];
  readonly memory: Float64Array | undefined;
}

/** A device as plain data. */
export interface DeviceState {
  readonly calls: number;
  readonly reference: Float64Array;
  readonly random: readonly number[];
}

/** The compressors and errors of one exchange of a step, as plain data. */
export interface SlotState {
  readonly senders: readonly SenderState[];
  readonly server: SenderState;
  readonly errors: readonly Float64Array[];
  readonly serverError: Float64Array | undefined;
}

/** What a rank keeps between steps, as plain data. */
export interface RankState {
  readonly rank: number;
  readonly ranks: number;
  /** The options, the starting point and the number of devices, which must be the same in a run that goes on. */
  readonly settings: string;
  readonly coin: readonly number[];
  readonly draws: readonly number[];
  readonly devices: readonly DeviceState[];
  readonly slots: readonly SlotState[];
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** Residuals seen so far, as plain data. */
export interface WatchState {
  readonly first: number | undefined;
  readonly least: number;
  readonly bad: number;
  readonly best: Float64Array;
}

/** State after a step of {@link variationalIterates} on one rank, as plain data. */
export interface VariationalState {
  readonly iteration: number;
  readonly refreshes: number;
  readonly halvings: number;
  readonly z: Float64Array;
  readonly w: Float64Array;
  readonly atW: Float64Array;
  readonly gamma: number;
  readonly sum: Float64Array;
  readonly steps: number;
  readonly watch: WatchState;
  readonly own: RankState;
}

/** @throws INVALID_PARAMETER for the state of another rank, of other options or of another start. */
export function checkState(
  { own }: VariationalState,
  { rank, size }: { readonly rank: number; readonly size: number },
  settings: string,
): void {
  if (own.rank !== rank || own.ranks !== size)
    fail(
      'INVALID_PARAMETER',
      `The checkpoint is of rank ${own.rank} of ${own.ranks}, but this is rank ${rank} of ${size}. Resume with as many ranks as before, each with its own state.`,
    );
  if (own.settings !== settings)
    fail(
      'INVALID_PARAMETER',
      `The checkpoint was made with other settings: ${own.settings}, and not ${settings}. Resume with the same problem and options.`,
    );
}
