/** What needs Node: runs that are kept, and the folder that keeps them. */
export { judgedRuns } from './node/judged.ts';
export { Recording, type RunResult, runExperiment } from './node/run.ts';
export { openStore, parseResult, type ResultStore, stringifyResult } from './node/store.ts';
