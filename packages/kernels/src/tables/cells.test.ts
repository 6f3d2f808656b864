import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena } from '../index.ts';
import { engines } from '../testing.ts';
import { tableKernels } from './index.ts';

const POINT = -2;

/** Runs the kernel on a text; gives the state and the block, column by column. */
function read(
  engine: (typeof engines)[number],
  text: string,
  {
    cols,
    rows = 8,
    from = [0, 0, 0, 0],
    left = [],
    mark = POINT,
    delimiter = ',',
  }: { cols: number; rows?: number; from?: number[]; left?: number[]; mark?: number; delimiter?: string },
) {
  const arena = new Arena({ engine });
  const bytes = new TextEncoder().encode(`${text}\n`);
  const [b, state, kinds] = [arena.i32Block(bytes.length), arena.i32Block(4), arena.i32Block(cols)];
  const out = arena.f64Block(cols * rows);
  out.view.fill(Number.NaN);
  new Uint8Array(b.view.buffer, b.pointer, bytes.length).set(bytes);
  kinds.view.fill(0);
  for (const j of left) new Uint8Array(kinds.view.buffer, kinds.pointer, cols)[j] = 1;
  state.view.set(from);
  const used = bytes.length - 1;
  arena
    .use(tableKernels)
    .numberCells(b.pointer, used, state.pointer, kinds.pointer, cols, delimiter.charCodeAt(0), mark, out.pointer, rows);
  return { state: [...state.view], out: [...out.view] };
}

const spelling = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    fc.stringMatching(/^[0-9]{0,12}$/),
    fc.constantFrom('', '.'),
    fc.stringMatching(/^[0-9]{0,12}$/),
    fc.oneof(
      fc.constant(''),
      fc.integer({ min: -40, max: 40 }).map((e) => `e${e}`),
      fc.constant('E+05'),
    ),
  )
  .map(([sign, whole, point, part, exponent]) => sign + whole + point + (point ? part : '') + exponent)
  .filter((text) => /[0-9]/.test(text.split(/e/i)[0]));

test.each(engines)('numberCells: what is read is what Number reads, to the last bit (%s)', (engine) => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(spelling, { minLength: 3, maxLength: 3 }), (cells) => {
      const { state, out } = read(engine, `${cells.join(',')}\n`, { cols: 3 });
      const done = state[2] === 1 ? 3 : state[1];
      taken += done;
      for (let j = 0; j < done; j++) expect(Object.is(out[8 * j], Number(cells[j])), cells[j]).toBe(true);
      // What is left has leading zeros, too many digits or powers, or a rounding in doubt.
      if (done < 3) {
        const [digits, e = '0'] = cells[done].split(/e/i);
        const places = Number(e) - (digits.split('.')[1]?.length ?? 0);
        const count = digits.replaceAll(/\D/g, '').replace(/^0+/, '').length;
        const zeros = /^[-+]?0\d/.test(cells[done]);
        expect(zeros || count > 15 || Math.abs(places) > 22, cells[done]).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
  expect(taken).toBeGreaterThan(500);
});

test('numberCells: the engines stop at the same cells with the same bits', () => {
  const cell = fc.oneof(
    { weight: 6, arbitrary: spelling },
    { weight: 1, arbitrary: fc.constantFrom('', 'NA', ' 1', '1 ', '"2"', '.', '-', '1e', '1e+', '1.5.2', '1,', '7\r') },
    { weight: 1, arbitrary: fc.stringMatching(/^[0-9]{16,22}(\.[0-9]{1,5})?$/) },
  );
  const lines = fc.array(fc.tuple(fc.array(cell, { minLength: 3, maxLength: 3 }), fc.constantFrom('\n', '\r\n')), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(lines, fc.nat(2), fc.boolean(), (rows, skipped, cut) => {
      const text = rows.map(([cells, end]) => cells.join(',') + end).join('');
      const shown = cut ? text.slice(0, -1) : text;
      const how = { cols: 3, rows: 4, left: skipped === 2 ? [2] : [] };
      const [first, ...others] = engines.map((engine) => read(engine, shown, how));
      for (const other of others) expect(other).toEqual(first);
    }),
    { numRuns: 200 },
  );
});

test.each(engines)('numberCells: goes on from where it was told, and leaves what is not its own (%s)', (engine) => {
  expect(read(engine, '9,x,3\r\n4;5\n', { cols: 3, from: [4, 2, 0, 0] })).toMatchObject({ state: [7, 0, 1, 7] });
  expect(read(engine, '1;2,5\n3;4', { cols: 2, mark: -4, delimiter: ';' })).toMatchObject({
    state: [8, 1, 1, 6],
    out: [1, 3, ...new Array(6).fill(Number.NaN), 2.5, ...new Array(7).fill(Number.NaN)],
  });
  // Too few fields, too many, and a text that ends in the middle of a number.
  expect(read(engine, '1\n2,3\n', { cols: 2 }).state).toEqual([0, 0, 0, 0]);
  expect(read(engine, '1,2,3\n', { cols: 2 }).state).toEqual([2, 1, 0, 0]);
  expect(read(engine, '1,2\n3,4', { cols: 2 }).state).toEqual([6, 1, 1, 4]);
  expect(read(engine, '1,2\n3,4\n5,6\n', { cols: 2, rows: 2 }).state).toEqual([8, 0, 2, 8]);
  expect(read(engine, '1,2\n3,4\n', { cols: 2, left: [1] }).state).toEqual([2, 1, 0, 0]);
});
