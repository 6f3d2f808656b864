/** The part that needs Node: stored runs, and their folder. */
export { keptStanding } from './node/judged.ts';
export { missingParts, partFiles } from './node/parts.ts';
export { Recording, type RunResult, runExperiment } from './node/run.ts';
export { type LeftOut, openStore, parseResult, type ResultStore, stringifyResult } from './node/store.ts';
