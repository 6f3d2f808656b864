/** What needs Node: runs that are kept, and the folder that keeps them. */
export { Recording, type RunCurve, type RunResult, runExperiment, type TableEvent } from './node/run.ts';
export { openStore, parseResult, type ResultStore, stringifyResult } from './node/store.ts';
