import type { Matern, MaternOptions, PlainFunctionalTucker } from 'southwell/functional-tensors';
import { ablations } from '../ablation.ts';
import { record } from './record.ts';

type Kernel = (nu: 0.5 | 1.5 | 2.5, options?: MaternOptions) => Matern;
type Parts = (...args: readonly unknown[]) => PlainFunctionalTucker;

export default ablations(record, [
  {
    id: 'rough',
    says: 'functions that know nothing of their neighbours',
    turns: ['three-dimensional', 'two-dimensional', 'stations'],
    module: 'southwell/functional-tensors/matern',
    name: 'matern',
    by:
      (original: Kernel): Kernel =>
      (nu, options) =>
        original(nu, { ...options, lengthscale: 1e-3 }),
  },
  {
    id: 'certain-factors',
    says: 'functions and core taken for certain, intervals not calibrated',
    turns: ['coverage'],
    module: 'southwell/functional-tensors/model',
    name: 'partsOf',
    by:
      (original: Parts): Parts =>
      (...args) => {
        const parts = original(...args);
        return { ...parts, scores: [] };
      },
  },
]);
