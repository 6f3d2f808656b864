export type { NotearsIterate } from './acyclic.ts';
export { exponentialAcyclicity, logDetAcyclicity } from './acyclicity.ts';
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
export {
  type ColideIterate,
  type ColideOptions,
  type ColideState,
  colide,
  colideIterates,
  dagma,
  dagmaDefaults,
} from './colide.ts';
export { cpdag } from './cpdag.ts';
export {
  type DirectLingamIterate,
  type DirectLingamOptions,
  type DirectLingamState,
  directLingam,
  directLingamIterates,
} from './directLingam.ts';
export {
  type EstimateOptions,
  estimateGraph,
  type GraphEstimate,
  type GraphMethod,
  type GraphPoint,
  graphEstimate,
  type NodeNetworks,
  type SampleMethod,
  type ScoreOption,
} from './estimate.ts';
export { type ExactOrder, exactOrder } from './exactOrder.ts';
export { type GolemIterate, type GolemOptions, type GolemState, golem, golemIterates } from './golem.ts';
export { type Edge, edgesOf, isAcyclic, strongestOrder, thresholdToDag, topologicalOrder } from './graphs.ts';
export {
  type Knowledge,
  type KnowledgeOption,
  type KnowledgeStatements,
  knowledgeOf,
  type Variable,
} from './knowledge.ts';
export { type GraphLayout, layeredLayout, type Place } from './layout.ts';
export { type GraphMetrics, graphMetrics, hammingDistance } from './metrics.ts';
export {
  type GraphData,
  type MomentOptions,
  type Moments,
  moments,
  populationMoments,
  residualVariances,
} from './moments.ts';
export { type NotearsOptions, notears, notearsIterates } from './notears.ts';
export { type MlpOptions, type NetworkOptions, notearsMlp, notearsMlpIterates } from './notearsMlp.ts';
export { OrderFactor, orderScore } from './orderFactor.ts';
export { binarySamples, type SampleOptions, type Samples, samples } from './samples.ts';
export type { LogisticOptions, NoiseVariance } from './scores.ts';
export {
  type GraphSimulation,
  type NoiseKind,
  type SemSimulation,
  semCovariance,
  simulateBinarySem,
  simulateGraph,
  simulateNonlinearSem,
  simulateSem,
} from './simulate.ts';
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
} from './topo.ts';
export { type NetworksState, type TopoMlpOptions, topoMlp, topoMlpIterates } from './topoMlp.ts';
export {
  type PenalisedTopoOptions,
  penalisedTopo,
  penalisedTopoIterates,
  type RegressionsState,
} from './topoPenalised.ts';
