/**
 * A command as a whole beside the main thread, which then loads next to nothing: it minds Ctrl-C, shows the progress and
 * writes what it is told.
 */
export interface Aside {
  /** Not 0 from the first Ctrl-C on. */
  readonly flag: Int32Array;
  post(message: FromCommand): void;
  /** Writes to standard output; done once that has been taken. */
  write?(bytes: Uint8Array): Promise<void>;
  /** Calls at the first Ctrl-C, where this thread is free to hear of it. */
  listen(abort: () => void): void;
}

export type FromCommand =
  /** Answered by `taken`. */
  | { readonly type: 'screen'; readonly bytes: Uint8Array }
  | { readonly type: 'write'; readonly to: 'stdout' | 'stderr'; readonly text: string | Uint8Array }
  /** A job begins: Ctrl-C stops it from now on. */
  | { readonly type: 'job'; readonly quiet: boolean; readonly stopping: string }
  | { readonly type: 'progress'; readonly text: string }
  /** The groups of processes that the job has running. */
  | { readonly type: 'groups'; readonly groups: readonly number[] }
  /** It is done, but for what is written. */
  | { readonly type: 'done' }
  | { readonly type: 'end'; readonly code: number };

/** What the worker of a command is told. */
export interface AsideData {
  readonly argv: readonly string[];
  readonly flag: Int32Array;
  /** What is known of the streams of the process. */
  readonly streams: Readonly<Record<'stdout' | 'stderr', { readonly isTTY?: boolean; readonly columns?: number }>>;
}

let entered: Aside | undefined;

/** Where this thread is beside the main one, with a command. */
export const aside = (): Aside | undefined => entered;

/** Writes to standard output, no faster than it is taken. */
export async function toScreen(bytes: Uint8Array): Promise<void> {
  if (entered?.write) return entered.write(bytes);
  if (process.stdout.write(bytes)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

export function enterAside(own: Aside): void {
  entered = own;
}
