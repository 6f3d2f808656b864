import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();

/** A .npy file of doubles in C order, as NumPy writes them, of a function at places of [0, 1]. */
function npy(name: string, shape: readonly number[], value: (place: readonly number[]) => number, cells = false): void {
  const size = shape.reduce((product, n) => product * n, 1);
  const values = Float64Array.from({ length: size }, (_, e) => {
    let rest = e;
    const place = shape.toReversed().map((n) => {
      const i = rest % n;
      rest = Math.floor(rest / n);
      return cells ? (i + 0.5) / n : i / (n - 1);
    });
    return value(place.toReversed());
  });
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`.padEnd(117);
  const head = [0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0, ...Buffer.from(`${header}\n`)];
  file(name, new Uint8Array([...head, ...new Uint8Array(values.buffer)]));
}

/** On x in 0 to 2, y in −1 to 1 and z in 0 to 1. */
const field = ([a, b, c]: readonly number[]) => Math.exp(-a) * Math.sin(2 * b) + c * a;
const scaled = ([x, y, z]: readonly number[]) => field([2 * x, 2 * y - 1, z]);
const domain = ['--domain', 'x=0:2,z=0:1'];

test.each([
  ['from end to end', false],
  ['at middles of cells', true],
])('values %s are fitted, saved, and predicted with derivatives', async (_, cells) => {
  npy('field.npy', [40, 50, 30], scaled, cells);
  const files = ['--save', 'model.json', '--out', 'functions.csv', '--report', 'report.html'];
  const words = ['factor', 'chebyshev', 'field.npy', ...domain, ...(cells ? ['--cells'] : []), '--tol', '1e-6'];
  const r = await here([...words, ...files, '--json']);
  expect([r.code, r.err]).toEqual([0, '']);
  const found = JSON.parse(r.out);
  expect(found.axes.map((a: { rank: number }) => a.rank)).toEqual([2, 2, 2]);
  expect(found.axes.every((a: { resolved: boolean }) => a.resolved)).toBe(true);
  expect(found.gridError).toBeLessThan(1e-5);
  // ∫ c·a over the box: the sine has none.
  expect(found.integral).toBeCloseTo(2, 4);
  expect(readFileSync(at('functions.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(1 + 6 * 101);
  expect(readFileSync(at('report.html'), 'utf8')).toContain('Singular values');
  file('places.csv', 'z,y,x,value\n0.25,0.3,1.1,0\n0.5,3,1,0\n,0,1,0\n');
  const p = await here(['predict', 'model.json', 'places.csv', '--out', 'out.csv']);
  expect(p.code, p.err).toBe(0);
  expect(p.out + p.err).toContain('1 row outside of the domain: no value.');
  const [head, first, second] = readFileSync(at('out.csv'), 'utf8').split('\n');
  expect(head).toBe('x,y,z,value,d_x,d_y,d_z');
  const [x, y, z, value, dx, dy, dz] = first.split(',').map(Number);
  expect([x, y, z]).toEqual([1.1, 0.3, 0.25]);
  expect(value).toBeCloseTo(field([x, y, z]), 5);
  expect(dx).toBeCloseTo(z - Math.exp(-x) * Math.sin(2 * y), 3);
  expect(dy).toBeCloseTo(2 * Math.exp(-x) * Math.cos(2 * y), 3);
  expect(dz).toBeCloseTo(x, 3);
  expect(second).toBe('1,3,0.5,,,,');
});

test('constants have rank one; what is not resolved is told; one place is constant', async () => {
  npy('flat.npy', [5, 4, 1], () => 3);
  const flat = JSON.parse((await here(['factor', 'chebyshev', 'flat.npy', '--json'])).out);
  expect(flat).toMatchObject({ axes: [{ rank: 1 }, { rank: 1 }, { rank: 1, resolved: true }] });
  expect(flat.integral).toBeCloseTo(24, 10);
  expect(flat.data.notes).toContain('Only one point along z: the function is taken as constant there.');
  npy('none.npy', [3, 3, 3], () => 0);
  expect(JSON.parse((await here(['factor', 'chebyshev', 'none.npy', '--json'])).out).axes[0].rank).toBe(0);
  npy('kink.npy', [64, 8, 8], ([x]) => Math.abs(x - 0.4));
  const kink = await here(['factor', 'chebyshev', 'kink.npy', '--degree', '20,4,4']);
  expect(kink.out).toContain('Not resolved along x');
});

test.each<[string, string[], string]>([
  [
    'a table',
    ['table.csv'],
    'table.csv is a table of rows and columns, but values on a grid of x, y and z are an array',
  ],
  ['a gap', ['gap.npy'], 'gap.npy has no number at (2, 1, 1), counted from 1'],
  [
    'an axis that there is not',
    ['small.npy', '--domain', 'w=0:1'],
    "--domain names 'w', but the axes of an array are x",
  ],
  [
    'a domain without width',
    ['small.npy', '--domain', 'x=1:1'],
    "--domain must be of the form x=0:1, the smaller number first, but is 'x=1:1'",
  ],
  ['two degrees', ['small.npy', '--degree', '3,4'], '--degree must be one number, or three for x, y and z, not 2'],
  [
    'a degree and a limit',
    ['small.npy', '--degree', '3', '--max-degree', '9'],
    '--max-degree cannot be combined with --degree',
  ],
])('%s is a sentence', async (_, args, message) => {
  file('table.csv', 'a,b\n1,2\n3,4\n');
  npy('gap.npy', [3, 2, 2], ([x]) => (x === 0.5 ? Number.NaN : 1));
  npy('small.npy', [2, 2, 2], ([x]) => x);
  const { code, err } = await here(['factor', 'chebyshev', ...args]);
  expect(code).toBe(2);
  expect(err).toContain(message);
});
