export type { FitResult } from './commands/fit-job.ts';
export { main } from './main.ts';
