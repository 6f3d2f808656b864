export { type Operator, operator } from './centred.ts';
