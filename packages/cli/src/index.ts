export type { FitResult } from '@southwell/tasks';
export { main } from './main.ts';
