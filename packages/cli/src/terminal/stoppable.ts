import { EXIT, Exit } from '../errors.ts';
import { onInterrupt } from './interrupt.ts';
import { ProgressLine } from './progress.ts';

/**
 * Runs work on the main thread that shows progress and is stopped by Ctrl-C at its next turn of the event loop; it must
 * remove partial output when its signal aborts. Throws Exit if it was stopped.
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
    // The same Ctrl-C may close a pipe by stopping its writer: that is not the end of the data.
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
