import type { FormValues } from '@southwell/tasks';
import type { LoadedFrom } from '../workers/data.ts';
import type { View } from '../workers/view.ts';
import type { GrowingCurve } from './curve.ts';

/** State stored across reloads. */
export interface Kept {
  readonly source?: LoadedFrom;
  readonly dataName: string;
  readonly verb: string;
  readonly changed: FormValues;
  readonly view?: View;
  readonly live: readonly GrowingCurve[];
  readonly ran: string;
}

/** The state from which a run interrupted by a reload resumes. */
export interface Cut {
  /** The command. */
  readonly ran: string;
  readonly text: string;
  readonly live: readonly GrowingCurve[];
}
