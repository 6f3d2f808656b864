export * from '@southwell/numerics/arrays';
export * from '@southwell/numerics/core';
export { elementary } from '@southwell/numerics/special';
export * from './linear-models/index.ts';
