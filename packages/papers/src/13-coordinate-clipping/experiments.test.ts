import { clipCoordinates } from 'southwell/diagnostics';
import { expect, test } from 'vitest';
import { expectAbort } from '../testing.ts';
import along from './experiments/along.ts';
import toy from './experiments/toy.ts';

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
