import { beforeAll, describe, expect, test } from 'vitest';
import { asInOnePlace, built, fitsOnThreads } from '../testing.ts';
import { rowFits, type Spread } from './testing.ts';

const fits = Object.values(rowFits);
const names = Object.keys(rowFits);

describe.skipIf(!built)('rows over ranks (need a build)', () => {
  let alone: Spread[];
  beforeAll(async () => {
    alone = await fitsOnThreads(1, fits);
  });

  // 300 rows make 19 chunks, 5 rows one: most ranks have none of these. All fits: spread.long.test.ts.
  test('2 ranks have the bits of one', async () => {
    const some = [...names.entries()].filter(([k]) => k % 3 === 0);
    const two = await fitsOnThreads(
      2,
      some.map(([k]) => fits[k]),
    );
    for (const [i, [k, name]] of some.entries()) expect(two[i], name).toEqual(alone[k]);
  });

  test.each([...names.entries()])('%d: %s: the fit of all rows in one place', (k) => asInOnePlace(fits[k], alone[k]));
});
