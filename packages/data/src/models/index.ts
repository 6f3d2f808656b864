export { type ReadMpsOptions, readMps } from './mps.ts';
export { readLp } from './readLp.ts';
export { type ModelFile, type ReadModelOptions, readModel } from './readModel.ts';
export { type NlFile, type NlNames, readNl } from './readNl.ts';
export { type NlSolution, readSol, writeSol } from './sol.ts';
export { writeMps } from './write-mps.ts';
export { type WrittenNl, writeNl } from './writeNl.ts';
