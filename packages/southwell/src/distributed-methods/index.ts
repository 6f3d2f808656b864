export * from './admm/index.ts';
export * from './aggregation/index.ts';
export * from './coding/index.ts';
export * from './compressors/index.ts';
export * from './feedback/index.ts';
export * from './gossip/index.ts';
export * from './graphs/index.ts';
export * from './variational/index.ts';
