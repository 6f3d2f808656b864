// All that works off the page is one worker, so that what its kinds share is built, shipped and fetched once. The first message
// says which kind; the others are for it.
const kinds = {
  data: () => import('./data.ts'),
  race: () => import('./race.ts'),
  run: () => import('./run.ts'),
};
export type Kind = keyof typeof kinds;

/** Its messages are typed where they are sent. */
let chosen: Promise<{ readonly receive: (message: never) => void }> | undefined;

addEventListener('message', ({ data }: MessageEvent) => {
  if (!chosen) chosen = kinds[data as Kind]();
  // What cannot be loaded is an error of the worker, as it would be of a script of its own.
  else chosen.then(({ receive }) => receive(data as never)).catch(reportError);
});
