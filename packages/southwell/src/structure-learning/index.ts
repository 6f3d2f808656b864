export {
  type BootstrapDraws,
  type BootstrapIterate,
  type BootstrapIteratesOptions,
  type BootstrapOptions,
  type BootstrapSample,
  type BootstrapState,
  bootstrapDraws,
  bootstrapEdges,
  bootstrapIterates,
  type PrepareOption,
} from './bootstrap.ts';
export type { NotearsIterate } from './continuous/acyclic.ts';
export { exponentialAcyclicity, logDetAcyclicity } from './continuous/acyclicity.ts';
export {
  type ColideIterate,
  type ColideOptions,
  type ColideState,
  colide,
  colideIterates,
  dagma,
  dagmaDefaults,
} from './continuous/colide.ts';
export {
  type GolemIterate,
  type GolemOptions,
  type GolemState,
  golem,
  golemIterates,
  golemRecords,
} from './continuous/golem.ts';
export { type NotearsOptions, notears, notearsIterates } from './continuous/notears.ts';
export { type MlpOptions, type NetworkOptions, notearsMlp, notearsMlpIterates } from './continuous/notearsMlp.ts';
export { type LogisticOptions, logisticRecords, type NoiseVariance } from './continuous/scores.ts';
export {
  type EstimateOptions,
  estimateGraph,
  estimateRecords,
  type GraphEstimate,
  type GraphMethod,
  type GraphPoint,
  graphEstimate,
  type NodeNetworks,
  type SampleMethod,
  type ScoreOption,
  unitsAlong,
} from './estimate.ts';
export { cpdag } from './graphs/cpdag.ts';
export { type Edge, edgesOf, isAcyclic, strongestOrder, thresholdToDag, topologicalOrder } from './graphs/graphs.ts';
export { type GraphLayout, layeredLayout, type Place } from './graphs/layout.ts';
export { type GraphMetrics, graphMetrics, hammingDistance } from './graphs/metrics.ts';
export {
  type GraphSimulation,
  type NoiseKind,
  type SemSimulation,
  semCovariance,
  simulateBinarySem,
  simulateGraph,
  simulateNonlinearSem,
  simulateSem,
} from './graphs/simulate.ts';
export {
  type Knowledge,
  type KnowledgeOption,
  type KnowledgeStatements,
  knowledgeOf,
  type Variable,
} from './knowledge.ts';
export {
  type GraphData,
  type MomentOptions,
  type Moments,
  moments,
  populationMoments,
  residualVariances,
} from './moments.ts';
export {
  type DirectLingamIterate,
  type DirectLingamOptions,
  type DirectLingamState,
  directLingam,
  directLingamIterates,
} from './orders/directLingam.ts';
export { type ExactOrder, exactOrder } from './orders/exactOrder.ts';
export type { NetworksState } from './orders/networkRegressions.ts';
export { OrderFactor, orderScore } from './orders/orderFactor.ts';
export {
  improveDag,
  type RefinedState,
  refined,
  type TopoIterate,
  type TopoOptions,
  type TopoState,
  topo,
  topoIterates,
  varianceOrder,
} from './orders/topo.ts';
export { type TopoMlpOptions, topoMlp, topoMlpIterates } from './orders/topoMlp.ts';
export {
  type PenalisedTopoOptions,
  penalisedTopo,
  penalisedTopoIterates,
  type RegressionsState,
} from './orders/topoPenalised.ts';
export { binarySamples, type SampleOptions, type Samples, samples } from './samples.ts';
export { graphSeed } from './seed.ts';
export { type NodeNoise, type VarianceOrder, variancesAlong } from './varsortability.ts';
