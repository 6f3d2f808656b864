export type { Neighbours } from './exactNeighbours.ts';
export { KdTree } from './kdTree.ts';
export { type LloydPoint, type LloydState, lloydIterates } from './lloyd.ts';
export {
  NeighbourIndex,
  type NeighbourIndexOptions,
  type NeighbourIndexState,
  type NeighbourSearch,
} from './neighbourIndex.ts';
export {
  type NeighbourIterate,
  type NeighbourOptions,
  nearestNeighbours,
  neighbourIterates,
  searches,
} from './neighbours.ts';
export { Distances, Points } from './points.ts';
