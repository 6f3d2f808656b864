export {
  barbellGraph,
  completeGraph,
  cycleGraph,
  gridGraph,
  type PlacedGraph,
  pathGraph,
  type RandomGeometricOptions,
  randomGeometricGraph,
  starGraph,
} from './generators.ts';
export { type GossipRates, type GossipRatesOptions, gossipRates, gossipRatesIterates } from './gossipRates.ts';
export { components, type Graph, graph } from './graph.ts';
export { type GraphSpectrum, graphSpectrum } from './spectrum.ts';
