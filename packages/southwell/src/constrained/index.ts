export type { SparseFunctions } from '@southwell/numerics/expressions';
export * from './quadratic/index.ts';
