import { EXIT } from '../errors.ts';
import { startedBy } from '../ranks/started-by.ts';

// npm and npx pass on a Ctrl-C that the terminal has given to everybody: one press comes twice.
const ONE_PRESS = 300;

/**
 * Calls `stop` at the first Ctrl-C or polite kill; a second press ends the process at once. Gives the function that
 * takes the handlers away. First presses that come while `held` says so are passed over.
 */
export function onInterrupt(stop: () => void, held = () => false): () => void {
  let first: number | undefined;
  const handle = () => {
    if (first === undefined) {
      if (held()) return;
      first = performance.now();
      // A process that ends sooner would be killed by the echo of the press on its way out.
      setTimeout(() => {}, ONE_PRESS);
      stop();
      // Whom mpirun ends it ends to the last: an exit of one's own in between may crash with the worker that runs, and be told.
    } else if (performance.now() - first > ONE_PRESS && !startedBy()) process.exit(EXIT.interrupted);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, handle);
  return () => {
    if (first !== undefined) return;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, handle);
  };
}
