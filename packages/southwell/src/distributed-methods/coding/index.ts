export { type GradientCode, type GradientCodeOptions, gradientCode } from './gradientCode.ts';
export type { CodedRounds, CodedTask, CodedTerm } from './rounds.ts';
export { type RunCodedOptions, runCoded } from './runCoded.ts';
export type { CodedJobs, CodedRun } from './runParts.ts';
export { type SequentialCode, type SequentialCodeOptions, sequentialCode } from './sequentialCode.ts';
export {
  type GilbertElliottOptions,
  gilbertElliott,
  type StragglerSimulation,
  type StragglerSimulationOptions,
  simulateStragglers,
  type TuneCodeOptions,
  type TunedCode,
  tuneCode,
} from './simulateStragglers.ts';
