import { describe, expect, test } from 'vitest';
import { asInOnePlace, built, fitsOnThreads } from '../testing.ts';
import { rowFits, slowRowFits } from './testing.ts';

describe.skipIf(!built)('rows over ranks (need a build)', () => {
  // 300 rows make 19 chunks, 5 rows one: most ranks have none of these.
  test.each([2, 3, 5])('%d ranks have the bits of one', async (ranks) => {
    // Several threads on few cores wait most of the time.
    const some = Object.entries(rowFits).filter(([, { mode }]) => ranks === 2 || mode === undefined);
    const fits = some.map(([, fit]) => fit);
    const [one, many] = [await fitsOnThreads(1, fits), await fitsOnThreads(ranks, fits)];
    for (const [k, [name]] of some.entries()) expect(many[k], name).toEqual(one[k]);
  });

  test.each(Object.entries(slowRowFits))('%s: 2 ranks have the bits of one, the fit of all rows', async (_, fit) => {
    const [[one], [two]] = [await fitsOnThreads(1, [fit]), await fitsOnThreads(2, [fit])];
    expect(two).toEqual(one);
    await asInOnePlace(fit, one);
  });
});
