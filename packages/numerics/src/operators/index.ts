export { type Operator, operator } from './centred.ts';
export { asOperator, isOperator, type LinearOperator, type Preconditioner } from './linearOperator.ts';
