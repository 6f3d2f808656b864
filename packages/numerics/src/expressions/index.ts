export { compileExpression } from './compile.ts';
export { type Expression, type Operator, variablesOf } from './expression.ts';
export { functionNames } from './functions.ts';
export type { Model, SparseFunctions, Suffix } from './model.ts';
export { parseExpression } from './parse.ts';
export { printExpression } from './print.ts';
export type { ScalarProgram } from './program.ts';
