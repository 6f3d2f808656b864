export * from './level1';
export * from './descent';
export { columnStats, gemv, gemvT, gemvTSubset } from './level2';
export { cscColumnStats, cscGemv, cscGemvT, cscGemvTSubset } from './sparse';
