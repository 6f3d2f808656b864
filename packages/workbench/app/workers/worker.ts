// A single worker script for all kinds of work, so that common code is built, shipped and fetched once. The first
// message selects the kind; all others are passed on to it.
const kinds = {
  data: () => import('./data.ts'),
  models: () => import('./models.ts'),
  networks: () => import('./networks.ts'),
  race: () => import('./race.ts'),
  ranks: () => import('./ranks.ts'),
  run: () => import('./run.ts'),
};
export type Kind = keyof typeof kinds;

/** Messages are typed where they are sent. */
let chosen: Promise<{ readonly receive: (message: never) => void }> | undefined;

addEventListener('message', ({ data }: MessageEvent) => {
  if (!chosen) chosen = kinds[data as Kind]();
  // Loading errors are reported as errors of the worker, like those of a script of its own.
  else chosen.then(({ receive }) => receive(data as never)).catch(reportError);
});
