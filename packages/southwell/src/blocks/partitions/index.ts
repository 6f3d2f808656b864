export { redBlack, trees, type Visit } from './graph.ts';
export { type Lattice, latticeRedBlack, latticeTrees } from './lattice.ts';
export type { GraphPartition, Partition } from './rule.ts';
export { average, order, type SortKey, sort } from './slices.ts';
