import { Random } from 'southwell';
import { clipCoordinates } from 'southwell/diagnostics';
import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import along from './experiments/along.ts';
import sharpness from './experiments/sharpness.ts';
import toy from './experiments/toy.ts';
import training from './experiments/training.ts';
import type { Clip } from './lab.ts';

/** As many coordinates are cut, but any: not the largest. */
const anyCoordinates: Clip = (direction, fraction) => {
  const random = new Random(1);
  return direction.map((v) => (random.uniform() < fraction ? 0 : v));
};
const parameters = { steps: 40 };

test('without clipping, and with that of coordinates which are not the largest, they do not', async () => {
  const none: Clip = (direction) => direction.slice();
  const outcomes = await outcomesOf([toy.withMethod(none), sharpness.withMethod(none)], 11, { parameters });
  expect(outcomes).toEqual({ 'steep-coordinate': 'does not hold', sharpness: 'partly' });
  const any = await outcomesOf([along.withMethod(anyCoordinates)], 11, { parameters });
  expect(['does not hold', 'undecided']).toContain(any['local-decrease']);
});

// That clipped SGD does is in the verdicts that are released, and takes a minute.
test('SGD beside itself does not train to a lower loss', async () => {
  const none = training.withMethod((optimiser) => optimiser);
  expect(await outcomesOf([none], 11, { parameters })).toEqual({ training: 'does not hold' });
});

test('a toy whose clipped direction is the sign has the numbers of pencil and paper', async () => {
  for await (const event of toy
    .withMethod((u) => clipCoordinates(u, { fraction: 1 }))
    .run({ size: 'quick', seed: 1 })) {
    if (event.kind !== 'verdict') continue;
    // gᵀv and vᵀHv of ones are 1099/10 and 10099/100; those of g are √(10⁶ + 99) and (10¹⁰ + 99)/(10⁶ + 99).
    const ratio = 1099 ** 2 / (2 * 10_099) / ((1e6 + 99) ** 2 / (2 * (1e10 + 99)));
    for (const { value } of event.verdict.measured) expect(value).toBeCloseTo(ratio, 5);
  }
});

test('an abort ends a run by its reason, soon', () => expectAbort(along));
