import { existsSync, readFileSync } from 'node:fs';
import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Random } from '@southwell/numerics/core';
import { matchWeights, modelDistance, permutationSpec, permuteModel } from 'southwell/merging';
import { describe, expect, test } from 'vitest';

const folder = [
  new URL('../../../../shared/data/stories260k/', import.meta.url),
  new URL('../../../../../shared/data/stories260k/', import.meta.url),
  new URL('../../../../../../shared/data/stories260k/', import.meta.url),
].find((url) => existsSync(new URL('stories260K.bin', url)));

describe.skipIf(!folder)('a language model of others (skipped where shared/data/stories260k is absent)', () => {
  test('its stream, heads and hidden layers are found, and a planted order of them', () => {
    const { layer, parameters } = nn.readLlama2c(new Uint8Array(readFileSync(new URL('stories260K.bin', folder))));
    const model = { layer, parameters, state: {} };
    const x = ad.tensor([1, 5, 20, 7, 300, 2, 9, 11], { shape: [2, 4], dtype: 'i32' });
    const spec = permutationSpec(model, x);
    const sizes = Object.values(spec.sizes);
    // One stream of 64; in each of five layers 172 hidden neurons, and four groups of two heads that share keys and values.
    expect(sizes.filter((n) => n === 64).length).toBe(1);
    expect(sizes.filter((n) => n === 172).length).toBe(5);
    expect(sizes.filter((n) => n === 4).length).toBe(5);
    const random = new Random(3);
    const planted = Object.fromEntries(Object.entries(spec.sizes).map(([name, n]) => [name, random.permutation(n)]));
    const moved = permuteModel(model, spec, planted);
    const [before, after] = [model, moved].map((m) => nn.apply(layer, m.parameters, x).data());
    expect(Math.max(...before.map((v, i) => Math.abs(v - after[i])))).toBeLessThan(1e-4);
    const { point, status } = matchWeights(model, moved, { spec });
    expect(status).toBe('converged');
    expect(modelDistance(model, permuteModel(moved, spec, point.permutations))).toBe(0);
  });
});
