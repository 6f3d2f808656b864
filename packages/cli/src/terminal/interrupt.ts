import { EXIT } from '../errors.ts';
import { startedBy } from '../ranks/started-by.ts';

// npm and npx forward a Ctrl-C that the terminal has already sent to all processes, so that one press arrives twice.
const ONE_PRESS = 300;

/**
 * Calls `stop` at the first Ctrl-C or SIGTERM; a second one ends the process at once. Returns the function that removes
 * the handlers. The first is ignored while `held` returns true.
 */
export function onInterrupt(stop: () => void, held = () => false): () => void {
  let first: number | undefined;
  const handle = () => {
    if (first === undefined) {
      if (held()) return;
      first = performance.now();
      // If the process ended sooner, the duplicate signal would kill it during its exit.
      setTimeout(() => {}, ONE_PRESS);
      stop();
      // mpirun terminates processes itself: calling exit in between may crash because of the running worker, and be
      // reported.
    } else if (performance.now() - first > ONE_PRESS && !startedBy()) process.exit(EXIT.interrupted);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, handle);
  return () => {
    if (first !== undefined) return;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, handle);
  };
}
