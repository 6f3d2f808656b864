import { EXIT, Exit } from '../errors.ts';
import { onInterrupt } from './interrupt.ts';
import { ProgressLine } from './progress.ts';

/**
 * Work on the main thread that shows progress and that Ctrl-C stops at its next turn: what it began to write, it takes back
 * when its signal aborts. Throws Exit where it was stopped.
 */
export async function stoppable<T>(
  quiet: boolean,
  work: (signal: AbortSignal, progress: (text: string) => void) => Promise<T>,
): Promise<T> {
  const line = new ProgressLine(quiet);
  const stop = new AbortController();
  const release = onInterrupt(() => stop.abort());
  try {
    const result = await work(stop.signal, (text) => line.update(text));
    line.clear();
    // A pipe ends where its writer is stopped by the same Ctrl-C: that is no end of the data.
    stop.signal.throwIfAborted();
    return result;
  } catch (error) {
    line.clear();
    if (!stop.signal.aborted) throw error;
    process.stderr.write('Stopped before the end; nothing was written.\n');
    throw new Exit(EXIT.stopped);
  } finally {
    release();
  }
}
