/**
 * Runs a whole command in a worker beside the main thread, which then loads next to nothing: it handles Ctrl-C, shows
 * the progress and writes the output that it receives.
 */
export interface Aside {
  /** Non-zero after the first Ctrl-C. */
  readonly flag: Int32Array;
  post(message: FromCommand): void;
  /** Writes to standard output; resolves when the bytes have been accepted. */
  write?(bytes: Uint8Array): Promise<void>;
  /** Registers a callback for the first Ctrl-C, which is called if this thread's event loop is free. */
  listen(abort: () => void): void;
}

export type FromCommand =
  /** Acknowledged by `taken`. */
  | { readonly type: 'screen'; readonly bytes: Uint8Array }
  | { readonly type: 'write'; readonly to: 'stdout' | 'stderr'; readonly text: string | Uint8Array }
  /** A job begins, which Ctrl-C stops from now on. */
  | { readonly type: 'job'; readonly quiet: boolean; readonly stopping: string }
  | { readonly type: 'progress'; readonly text: string }
  /** The process groups that the job is running. */
  | { readonly type: 'groups'; readonly groups: readonly number[] }
  /** The job is done, except for its output. */
  | { readonly type: 'done' }
  | { readonly type: 'end'; readonly code: number };

/** The data of the worker of a command. */
export interface AsideData {
  readonly argv: readonly string[];
  readonly flag: Int32Array;
  /** Properties of the streams of the process. */
  readonly streams: Readonly<Record<'stdout' | 'stderr', { readonly isTTY?: boolean; readonly columns?: number }>>;
}

let entered: Aside | undefined;

/** The connection to the main thread, if this thread runs a whole command. */
export const aside = (): Aside | undefined => entered;

/** Writes to standard output, with backpressure. */
export async function toScreen(bytes: Uint8Array): Promise<void> {
  if (entered?.write) return entered.write(bytes);
  if (process.stdout.write(bytes)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

export function enterAside(own: Aside): void {
  entered = own;
}
