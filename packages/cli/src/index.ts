export type { FitResult } from '@southwell/tasks';
/** @internal For whoever runs commands in a thread of their own, or has no need of Ctrl-C: jobs then run in this one. */
export { enterAside } from './carriers/aside.ts';
export { main } from './main.ts';
