export { exponentialAcyclicity, logDetAcyclicity } from './acyclicity.ts';
export { type BootstrapOptions, bootstrapEdges, bootstrapIterates } from './bootstrap.ts';
export {
  type ColideIterate,
  type ColideOptions,
  colide,
  colideIterates,
  dagma,
  dagmaDefaults,
  type NoiseVariance,
} from './colide.ts';
export { cpdag } from './cpdag.ts';
export {
  type EstimateOptions,
  estimateGraph,
  type GraphEstimate,
  type GraphMethod,
  type GraphPoint,
  graphEstimate,
} from './estimate.ts';
export { type ExactOrder, exactOrder } from './exactOrder.ts';
export { type GolemIterate, type GolemOptions, golem, golemIterates } from './golem.ts';
export { type Edge, edgesOf, isAcyclic, strongestOrder, thresholdToDag, topologicalOrder } from './graphs.ts';
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
export { type NotearsIterate, type NotearsOptions, notears, notearsIterates } from './notears.ts';
export { OrderFactor, orderScore } from './orderFactor.ts';
export {
  type GraphSimulation,
  type NoiseKind,
  type SemSimulation,
  semCovariance,
  simulateGraph,
  simulateSem,
} from './simulate.ts';
export { improveDag, type TopoIterate, type TopoOptions, topo, topoIterates, varianceOrder } from './topo.ts';
