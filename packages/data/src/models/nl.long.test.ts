import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readNl } from './readNl.ts';
import { compareWithIpopt, hasIpopt, ipoptAtStart, nlModels } from './testing.ts';
import { writeNl } from './writeNl.ts';

/** Files whose header or segments deny variables that their expressions use, so that Ipopt ignores those. */
const inconsistent = ['linear_eq_aggregation_row_constant.nl', 'parametric.nl', 'mp_numberof.nl'];

const files = nlModels ? readdirSync(nlModels).filter((file) => file.endsWith('.nl')) : [];

test.skipIf(!hasIpopt || !nlModels)(
  'the files of ../shared/data/nl_models as Ipopt reads them, and what we write of them',
  () => {
    let compared = 0;
    for (const file of files) {
      const bytes = readFileSync(new URL(file, nlModels));
      let model: ReturnType<typeof readNl>['model'];
      try {
        model = readNl(bytes).model;
      } catch {
        continue;
      }
      const start = ipoptAtStart(bytes);
      // It refuses contradictory bounds, and more equations than variables.
      if (!start.vectors.has('curr_x')) {
        expect(start.output).toMatch(/inconsistent|degrees of freedom/i);
        continue;
      }
      if (!inconsistent.includes(file)) expect(compareWithIpopt(model, start).most, file).toBeLessThan(1e-12);
      for (const encoding of ['text', 'little-endian'] as const) {
        const written = writeNl(model, encoding).nl;
        expect(
          compareWithIpopt(readNl(written).model, ipoptAtStart(written)).most,
          `${file}, ${encoding}`,
        ).toBeLessThan(1e-12);
      }
      compared++;
    }
    expect(compared).toBeGreaterThanOrEqual(36);
  },
);
