export { type ModelFile, type ReadModelOptions, readModel } from './readModel.ts';
export { readLp } from './readLp.ts';
export { type NlFile, type NlNames, readNl } from './readNl.ts';
export { type NlSolution, readSol, writeSol } from './sol.ts';
export { type WrittenNl, writeNl } from './writeNl.ts';
