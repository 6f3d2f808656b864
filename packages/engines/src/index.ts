export { type EngineFiles, engineFiles } from './files.ts';
export type { Verification } from './highs/check.ts';
export { HighsEngine, solveWithHighs } from './highs/engine.ts';
export type { HighsProgress } from './highs/messages.ts';
export { HIGHS_COMMAND, type HighsBasis, type HighsOptions, type HighsResult } from './highs/options.ts';
