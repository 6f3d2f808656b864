export { type GilbertElliottOptions, gilbertElliott } from './gilbertElliott.ts';
export { type GradientCode, type GradientCodeOptions, gradientCode } from './gradientCode.ts';
export type { CodedRounds, CodedTask, CodedTerm } from './rounds.ts';
export { type RunCodedOptions, runCoded } from './runCoded.ts';
export type { CodedJobs, CodedRun } from './runParts.ts';
export { type SequentialCode, type SequentialCodeOptions, sequentialCode } from './sequentialCode.ts';
export { type StragglerSimulation, type StragglerSimulationOptions, simulateStragglers } from './simulateStragglers.ts';
export { type TuneCodeOptions, type TunedCode, tuneCode, tuneCodeIterates, tuneCodeRecords } from './tuneCode.ts';
