import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Random } from '@southwell/numerics/core';
import { alignmentScore, barrier, mergeModels, modelDistance, permutationSpec, permuteModel } from 'southwell/merging';
import { expect, test } from 'vitest';
import { imagesOf, quality } from '../material/perceptrons.ts';
import { changeOfValues, partsOf } from './directions.ts';
import { compared, median } from './lab.ts';
import { matchedBy } from './matched.ts';
import { dataOf, seedsOf, spread } from './networks.ts';
import { lineDerivatives, predictedBarrier } from './taylor.ts';

const layer = nn.sequential([
  nn.linear({ in: 6, out: 9 }),
  nn.tanh(),
  nn.linear({ in: 9, out: 8 }),
  nn.tanh(),
  nn.linear({ in: 8, out: 3 }),
]);
function drawn(seed: number): nn.Model {
  const random = new Random(seed);
  const parameters = Object.entries(nn.parameterShapes(layer)).map(([name, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return [
      name,
      ad.tensor(
        Float64Array.from({ length: size }, () => random.normal()),
        { shape },
      ),
    ];
  });
  return { layer, parameters: Object.fromEntries(parameters), state: {} };
}
const inSingle = (model: nn.Model): nn.Model => ({
  ...model,
  parameters: Object.fromEntries(Object.entries(model.parameters).map(([name, t]) => [name, ad.cast(t, 'f32')])),
});
const random = new Random(9);
const examples = imagesOf(
  Uint8Array.from({ length: 6 * 40 }, () => random.integer(256)),
  Array.from({ length: 40 }, () => random.integer(3)),
  Array.from({ length: 40 }, (_, i) => i),
);
const data = dataOf(examples);
const [a, b] = [drawn(1), drawn(2)];
const spec = permutationSpec(a, ad.cast(ad.slice(data.inputs, [0, 2]), 'f64'));
const pause = async () => {};
const given = { spec, seed: 3, gamma: 0.4, inputs: data.inputs };

test('strong and weak directions add up to the weights, and have no part in common', () => {
  const { strong, weak } = partsOf(a, 0.4);
  for (const [name, t] of Object.entries(a.parameters)) {
    const [x, y] = [strong, weak].map(({ parameters }) => parameters[name]);
    const sum = ad.add(x, y).data();
    if (t.rank < 2) expect(Math.max(...sum.map(Math.abs))).toBe(0);
    else {
      expect(Math.max(...sum.map((v, i) => Math.abs(v - t.data()[i])))).toBeLessThan(1e-12);
      expect(Math.max(...ad.matmul(ad.transpose(x), y).data().map(Math.abs))).toBeLessThan(1e-10);
    }
  }
  // Nothing is below a threshold of 0.
  expect(alignmentScore(partsOf(a, 0).strong, a)).toBeCloseTo(1, 10);
});

test('each order of neurons leaves the function and the singular values', async () => {
  const x = ad.cast(data.inputs, 'f64');
  const before = nn.apply(layer, b.parameters, x).data();
  for (const arm of ['none', 'weights', 'activations', 'strong', 'weak', 'random'] as const) {
    const moved = permuteModel(b, spec, await matchedBy(arm, a, b, { ...given, inputs: x }, pause));
    const after = nn.apply(layer, moved.parameters, x).data();
    expect(Math.max(...before.map((v, i) => Math.abs(v - after[i])))).toBeLessThan(1e-10);
    expect(changeOfValues(b, moved)).toBeLessThan(1e-12);
    expect(modelDistance(b, moved) > 0).toBe(arm !== 'none');
  }
});

test('permutations that are learned from the first network on are those of matched weights; from noise they are others', async () => {
  const learning = { data: { ...data, inputs: ad.cast(data.inputs, 'f64') }, steps: 1, noise: 0 };
  const weights = await matchedBy('weights', a, b, given, pause);
  const steps: number[] = [];
  const learned = await matchedBy('learned', a, b, { ...given, learning: { ...learning, steps: 4 } }, pause, (step) =>
    steps.push(step),
  );
  const nearest = permuteModel(b, spec, weights);
  expect(modelDistance(a, permuteModel(b, spec, learned))).toBeLessThan(1.05 * modelDistance(a, nearest));
  expect(steps).toEqual([1, 2, 3, 4]);
  const other = await matchedBy('learned', a, b, { ...given, learning: { ...learning, noise: 1 } }, pause);
  expect(modelDistance(a, permuteModel(b, spec, other))).toBeGreaterThan(modelDistance(a, nearest));
});

test('an average of three is that of mergeModels', async () => {
  const { model } = mergeModels([a, b, drawn(3)], { spec, seed: 3 });
  const ordered = await Promise.all(
    [b, drawn(3)].map(async (one) => permuteModel(one, spec, await matchedBy('weights', a, one, given, pause))),
  );
  const mean = Object.entries(a.parameters).map(([name, t]) => [
    name,
    ad.div(
      ordered.reduce((sum, { parameters }) => ad.add(sum, parameters[name]), t),
      3,
    ),
  ]);
  expect(modelDistance(model, { ...a, parameters: Object.fromEntries(mean) })).toBeLessThan(1e-12);
});

test('the expansion to second order is that of differences, and exact for a parabola', () => {
  const inputs = ad.cast(data.inputs, 'f64');
  const [value, slope, curvature] = lineDerivatives(a, b, { ...data, inputs });
  const at = (t: number) => {
    const parameters = Object.entries(a.parameters).map(([name, p]) => [
      name,
      ad.add(p, ad.mul(ad.sub(b.parameters[name], p), t)),
    ]);
    return data.loss(nn.apply(layer, Object.fromEntries(parameters), inputs), data.targets).item();
  };
  const h = 1e-3;
  expect(value).toBeCloseTo(at(0), 10);
  expect(slope).toBeCloseTo((at(h) - at(-h)) / (2 * h), 4);
  expect(curvature).toBeCloseTo((at(h) - 2 * at(0) + at(-h)) / (h * h), 3);
  const lambdas = [0, 0.25, 0.5, 0.75, 1];
  const losses = lambdas.map((t) => 1 + 3 * t - 4 * t * t);
  expect(predictedBarrier([1, 3, -8], { barrier: 1, lambdas, losses })).toBe(1);
});

test('comparisons, medians, seeds and places', () => {
  const task = { train: examples, test: examples, judged: data };
  const [x, y] = [a, b].map(inSingle);
  const same = compared(x, x, task, [0, 0.4]);
  expect(same.line.barrier).toBeLessThan(1e-6);
  expect(same.scores.map((v) => Math.round(v * 1e6) / 1e6)).toEqual([1, 1]);
  expect(same.halfway.accuracy).toBe(quality(x, examples).accuracy);
  expect(compared(x, y, task, [0]).line.losses).toEqual(barrier(x, y, data).losses);
  expect(median([5, 1, 2])).toBe(2);
  expect(median([4, 1])).toBe(2.5);
  expect(new Set([seedsOf(1, 0), seedsOf(1, 1), seedsOf(2, 0)].flat()).size).toBe(9);
  expect(spread(10, 4)).toEqual([0, 2, 5, 7]);
  expect(spread(3, 4)).toEqual([0, 1, 2]);
});
