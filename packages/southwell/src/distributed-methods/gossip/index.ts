export { type AdomPlusOptions, adomPlus, adomPlusIterates } from './baselines/adomPlus.ts';
export { type ContinuizedOptions, continuized, continuizedIterates } from './baselines/continuized.ts';
export { type MsdaOptions, msda, msdaIterates } from './baselines/msda.ts';
export type { DualClient, DualProblem } from './baselines/points.ts';
export { type RoundCommunications, roundCommunications } from './baselines/rounds.ts';
export { type DadaoConstants, dadaoConstants } from './constants.ts';
export {
  type DadaoOptions,
  type DadaoSettings,
  type DadaoState,
  dadao,
  dadaoProgram,
} from './dadao.ts';
export { PoissonEvents, type PoissonState, type TimedGraph } from './events.ts';
export type { DadaoPoint, DecentralisedProblem } from './problem.ts';
