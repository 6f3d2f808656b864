export { type EngineFiles, engineFiles } from './files.ts';
export type { Verification } from './highs/check.ts';
export { HighsEngine, solveWithHighs } from './highs/engine.ts';
export type { HighsProgress } from './highs/messages.ts';
export { HIGHS_COMMAND, type HighsBasis, type HighsOptions, type HighsResult } from './highs/options.ts';
export type { ReluLayer, ReluNetwork } from './relu/network.ts';
export { type NetworkPlan, type NetworkPlanOptions, type NetworkPlanProblem, planThroughNetwork } from './relu/plan.ts';
export { ReluProgram, type Terms } from './relu/program.ts';
