export type { FitResult } from '@southwell/modelling';
export { main } from './main.ts';
