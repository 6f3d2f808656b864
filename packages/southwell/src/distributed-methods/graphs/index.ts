export { barbellGraph, completeGraph, cycleGraph, gridGraph, pathGraph, starGraph } from './generators.ts';
export { components, type Graph, graph } from './graph.ts';
export { type GraphSpectrum, graphSpectrum } from './spectrum.ts';
