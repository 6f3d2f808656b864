export type { SeparablePenalty } from './separable.ts';
