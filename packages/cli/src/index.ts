export type { FitResult } from '@southwell/tasks';
/** @internal For callers that run commands in a worker, or do not need Ctrl-C: jobs then run in the same thread. */
export { enterAside } from './carriers/aside.ts';
export { main } from './main.ts';
