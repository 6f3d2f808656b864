import type { Matern, MaternOptions } from 'southwell/functional-tensors';
import { ablations } from '../ablation.ts';
import { record } from './record.ts';

type Kernel = (nu: 0.5 | 1.5 | 2.5, options?: MaternOptions) => Matern;
type Judge = (data: { readonly values: Float64Array }, rows: Int32Array, model: unknown) => unknown;

export default ablations(record, [
  {
    id: 'rough',
    says: 'functions that know nothing of their neighbours',
    turns: ['three-dimensional', 'two-dimensional'],
    module: 'southwell/functional-tensors/matern',
    name: 'matern',
    by:
      (original: Kernel): Kernel =>
      (nu, options) =>
        original(nu, { ...options, lengthscale: 1e-3 }),
  },
  {
    id: 'fitted-entries',
    says: 'intervals calibrated on the entries that were fitted',
    turns: ['coverage'],
    module: 'southwell/functional-tensors/judge',
    name: 'judge',
    by:
      (original: Judge): Judge =>
      (data, rows, model) => {
        const away = new Set(rows);
        const fitted = Int32Array.from(data.values.keys()).filter((n) => !away.has(n));
        return original(data, fitted, model);
      },
  },
  {
    id: 'flat',
    says: 'functions that do not change along their axes',
    turns: ['stations'],
    module: 'southwell/functional-tensors/matern',
    name: 'matern',
    by:
      (original: Kernel): Kernel =>
      (nu, options) =>
        original(nu, { ...options, lengthscale: 1e6 }),
  },
]);
