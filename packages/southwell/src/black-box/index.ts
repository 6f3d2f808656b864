export { type AutoOptions, auto } from './auto.ts';
export {
  type BenchmarkRun,
  benchmarkRun,
  benchmarkStart,
  expectedRunningTime,
  precisions,
  runtimeDistribution,
} from './bbob/benchmark.ts';
export { bbob, bbobNames, type TestFunction } from './bbob/functions.ts';
export type { Categories, Category, MixedPoint } from './categories.ts';
export { testFunction, testFunctionNames } from './classic.ts';
export { type Attack, type AttackOptions, attack, type Network } from './directional/attack.ts';
export type { NetworkProblem, Successes, ThroughNetworkState } from './directional/networkDescent.ts';
export type { OutputConstraints, OutputObjective } from './directional/penalisedNetwork.ts';
export {
  optimizeThroughNetwork,
  type ThroughNetworkOptions,
  type ThroughNetworkResult,
  throughNetworkIterates,
} from './directional/throughNetwork.ts';
export { asyncRecords, evaluationRecords } from './evaluationRecords.ts';
export { type AsynchronousMethod, type MethodContext, type Proposals, ranking, type Stop } from './method.ts';
export { type BobyqaOptions, bobyqa } from './methods/bobyqa/bobyqa.ts';
export { type CmaEsOptions, cmaEs, cmaEsParameters, cmaEsRecords } from './methods/cmaEs.ts';
export {
  type CboOptions,
  type ConsensusHoppingOptions,
  cbo,
  consensusHopping,
  contractsInMeanSquare,
  proxByConsensus,
  type SwarmState,
} from './methods/consensus.ts';
export { type DifferentialEvolutionOptions, differentialEvolution } from './methods/differentialEvolution.ts';
export { type DirectSearchOptions, directSearch } from './methods/directSearch.ts';
export { type GibbsMean, gibbsMean } from './methods/gibbsMean.ts';
export { type NelderMeadOptions, nelderMead } from './methods/nelderMead.ts';
export { type PatternSearchOptions, patternSearch } from './methods/patternSearch.ts';
export { type PraxisOptions, praxis } from './methods/praxis.ts';
export { randomSearch, type SimulatedAnnealingOptions, simulatedAnnealing } from './methods/simple.ts';
export {
  asynchronousMethodNames,
  categoricalMethodNames,
  type MethodName,
  type MethodSpec,
  methodNames,
} from './methods.ts';
export {
  type AsyncMixedObjective,
  type AsyncObjective,
  type MinimizeAsyncOptions,
  type MinimizeOptions,
  type MinimizeResult,
  type MixedObjective,
  type MixedResult,
  minimize,
  minimizeAsync,
  minimizeAsyncIterates,
  minimizeIterates,
  type Objective,
} from './minimize.ts';
export {
  type BestPoint,
  type Candidate,
  Search,
  type SearchOptions,
  type SearchState,
  searchRecords,
} from './search.ts';
export { type SimulatedWorkers, simulateWorkers } from './simulatedWorkers.ts';
export { Space, type SpaceOptions } from './space.ts';
export { type WorkerObjective, workerObjective } from './workerObjective.ts';
export { drawActive, layersByRatios, layersByScores, type WeightsOf, type ZoLayer } from './zeroth/active.ts';
export type { ZoQuery } from './zeroth/query.ts';
export {
  type ZoDescentAsyncOptions,
  type ZoDescentOptions,
  type ZoDescentState,
  zoDescentAsyncIterates,
  zoDescentIterates,
  zoDescentOf,
} from './zeroth/zoDescent.ts';
export {
  type ZoEstimator,
  type ZoGradient,
  type ZoGradientAsyncOptions,
  type ZoGradientOptions,
  zoGradient,
  zoGradientAsync,
} from './zeroth/zoGradient.ts';
export { type ZoGraspOptions, zoGraspScores } from './zeroth/zoGraspScores.ts';
