export type { SparseFunctions } from '@southwell/numerics/expressions';
