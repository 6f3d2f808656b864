import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { compressNetwork, packWeights } from 'southwell/compression';
import { expect, test } from 'vitest';
import { weightsFor } from './unpackedOnce.ts';

const layer = nn.linear({ in: 24, out: 16 });
const parameters = nn.init(layer, ad.randomKey(1));
const x = ad.randomNormal(ad.randomKey(2), [9, 24], 'f32');
const { point } = compressNetwork({ parameters, apply: (p, batch: ad.Tensor) => nn.apply(layer, p, batch) }, [x], {
  method: 'codebooks',
  bits: 4,
});
const packed: nn.Weights = {
  ...parameters,
  weight: ad.packedTensor(packWeights(point.layers[0].weights)),
};

test('packed weights are unpacked for many rows alone, to the same numbers', () => {
  const few = weightsFor(packed, 511);
  expect(few).toEqual({ weights: packed, notes: [] });
  const many = weightsFor(packed, 512);
  expect(many.notes).toEqual([
    expect.stringMatching(/^The packed weights were unpacked once for 512 rows.*1\.28 kB more/),
  ]);
  expect(ad.isPacked(many.weights.weight)).toBe(false);
  const [a, b] = [packed, many.weights].map((weights) => nn.apply(layer, weights, x).data());
  for (let i = 0; i < a.length; i++) expect(b[i]).toBeCloseTo(a[i], 5);
});

test('dense weights, and those that would take much memory, stay as they are', () => {
  expect(weightsFor(parameters, 1e6)).toEqual({ weights: parameters, notes: [] });
  const wide = { weight: { ...packed.weight, shape: [1 << 12, 1 << 12] } } as unknown as nn.Weights;
  expect(weightsFor(wide, 1e6)).toEqual({ weights: wide, notes: [] });
});
