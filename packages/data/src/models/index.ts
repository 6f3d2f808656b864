export { type ModelFile, type ReadModelOptions, readModel } from './readModel.ts';
export { type NlFile, type NlNames, readNl } from './readNl.ts';
export { type WrittenNl, writeNl } from './writeNl.ts';
