export { interiorPoint } from './interiorPoint.ts';
export { checkProgram, programOf, type QuadraticProgram } from './problem.ts';
