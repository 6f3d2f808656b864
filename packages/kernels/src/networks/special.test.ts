import { expect, test } from 'vitest';
import { Arena } from '../index.ts';
import { allKernels, engines, uniform } from '../testing.ts';
import { type SpecialCode, specialCodes } from './index.ts';

const random = uniform(11);
const edges = [
  ...[0, -0, 1, -1, 0.5, -0.5, 2, 3, -2, 1.4616321, 8, 12, 12.5, 88.9, 89.5, -90, 1e4, 1e5, -1e9, 2e9, 1e19, 3.4e38],
  ...[1e-30, -1e-38, 1e-45, -1e-45, Infinity, -Infinity, NaN, 1 + 2 ** -23, 1 - 2 ** -24, 2 - 2 ** -23, 2 + 2 ** -22],
];
/** Numbers of all magnitudes, ordinary ones, and the edges. */
const given = Float32Array.from({ length: 6003 }, (_, i) => {
  if (i < edges.length) return edges[i];
  if (i % 3 === 0) return new Float32Array(Uint32Array.of(random() * 2 ** 32).buffer)[0];
  return (random() - 0.5) * (i % 3 === 1 ? 4 : 60);
});

/** Values of the numbers, all but the first `less`. */
function valuesOf(engine: (typeof engines)[number], code: SpecialCode, less = 0): Float32Array {
  const arena = new Arena({ engine });
  const n = given.length - less;
  const [x, y] = [arena.f32Block(n), arena.f32Block(n + 1)];
  x.view.set(given.subarray(less));
  y.view[n] = 12345;
  allKernels(arena).sspecialElements(specialCodes[code], n, x.pointer, y.pointer, arena.alloc(16));
  expect(y.view[n]).toBe(12345);
  return y.view.slice(0, n);
}

const codes = Object.keys(specialCodes) as SpecialCode[];

test.each(codes)('%s has the bits of its twin, wherever a number lies', (code) => {
  const twin = valuesOf('typescript', code);
  for (const less of [0, 1, 2, 3]) {
    const found = valuesOf('wasm', code, less);
    const wrong = found.findIndex((v, i) => !Object.is(v, twin[i + less]));
    expect(wrong < 0 ? '' : `${code}(${given[wrong + less]}) is ${found[wrong]}, twin ${twin[wrong + less]}`).toBe('');
  }
});

const { tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh } = Math;
const references: Array<[SpecialCode, (x: number) => number]> = Object.entries({
  ...{ tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh },
}) as Array<[SpecialCode, (x: number) => number]>;

test.each(references)('%s is within 2.5 ulp of double precision', (code, f) => {
  const bound = 2.5 * 2 ** -23;
  for (const engine of engines) {
    const values = valuesOf(engine, code);
    const wrong = values.findIndex((v, i) => {
      const exact = f(given[i]);
      const near = Math.abs(v - exact) <= Math.max(bound * Math.abs(exact), 2 ** -149);
      return !near && !Object.is(v, Math.fround(exact));
    });
    expect(wrong < 0 ? '' : `${code}(${given[wrong]}) = ${values[wrong]}, not ${f(given[wrong])}`).toBe('');
  }
});

// By 30 digits of mpmath: [x, log |Γ(x)|, ψ(x), ψ′(x)], some of them next to zeros.
const table: ReadonlyArray<readonly [number, number, number, number]> = [
  [0.75, 0.20328095143129538, -1.0858608797864722, 2.5418796476716063],
  [0.9999999403953552, 3.440473758723674e-8, -0.5772157629472479, 1.6449342101445874],
  [1.0000001192092896, -6.880945764253472e-8, -0.5772154688101285, 1.6449337802555737],
  [1.25, -0.09827183642181316, -0.22745353337626542, 1.1973291545071107],
  [1.4616321325302124, -0.12148629053584953, -1.2036052549106669e-8, 0.9676722564619307],
  [1.461632251739502, -0.12148629053584409, 1.0331946336967871e-7, 0.9676721508989737],
  [1.5, -0.12078223763524522, 0.03648997397857652, 0.9348022005446793],
  [1.9999998807907104, -5.0399815637755424e-8, 0.42278425821633236, 0.6449341150223497],
  [2.000000238418579, 1.0079965877070314e-7, 0.42278448886271947, 0.644933970500001],
  [2.5, 0.2846828704729192, 0.7031566406452432, 0.49035775610023485],
  [3.75, 1.4868155785934172, 1.1825373886117962, 0.3053398526902531],
  [4.0, 1.791759469228055, 1.2561176684318005, 0.28382295573711536],
  [5.5, 3.9578139676187165, 1.611093148581751, 0.19934238698962767],
  [7.900000095367432, 8.324266058957152, 2.0022385004315733, 0.13493078172294945],
  [8.5, 9.549267257300997, 2.08009081757942, 0.12483811891892602],
  [11.899999618530273, 17.258476522123566, 2.4339335034416796, 0.08766320411966858],
  [12.100000381469727, 17.74700820590096, 2.4513143810393445, 0.0861536436412893],
  [33.29999923706055, 82.6037209186398, 3.4904672152616945, 0.030485444804331185],
  [10000.0, 82099.71749644238, 9.210290371142849, 0.00010000500016666666],
  [1.0000000200408773e20, 4.505170278279742e21, 46.051701879921794, 9.99999979959123e-21],
  [3.000000043527274e36, 2.4897503056528993e38, 83.99167565096285, 3.3333332849696966e-37],
  [0.49000000953674316, 0.5922496101309744, -2.0137160019805607, 5.108092313719372],
  [0.10000000149011612, 2.252712636201601, -10.423754789263684, 101.4332961677868],
  [9.999999974752427e-7, 13.81550998327419, -1000000.5797387772, 1000000005051.1595],
  [1.0000000036274937e-15, 34.53877639128319, -999999996372506.9, 9.999999927450126e29],
  [-0.30000001192092896, 1.4648400256649878, 2.113309613396139, 13.945159461485096],
  [-0.504082977771759, 1.2654376221108699, 2.725985623638118e-7, 8.939798509433974],
  [-1.5, 0.860047015376481, 0.7031566406452432, 9.379246644989124],
  [-1.5734983682632446, 0.8339552096563368, 1.0428562007081108e-6, 9.941511978954606],
  [-2.457024574279785, 2.484696988890678e-7, 1.5156050409779116, 9.716643291481823],
  [-2.747682571411133, -1.4418167987778365e-7, -1.9143487432766415, 19.150369870478773],
  [-3.200000047683716, -0.3724324048453277, 5.635368871810251, 28.29817462545755],
  [-3.955294370651245, 1.778059685825085e-6, -20.725104036423993, 503.4312855300319],
  [-10.5, -15.147270590717842, 2.3982391295357814, 9.778757739814813],
  [-30.700000762939453, -75.70198334346222, 1.1579487419022017, 15.04741768346657],
  [-1000.2999877929688, -5912.843922581894, 9.191239737061032, 15.079254861580571],
];

test.each(engines)('gamma functions are within 2 ulp of exact ones (%s)', (engine) => {
  const arena = new Arena({ engine });
  const [x, y] = [arena.f32Block(table.length), arena.f32Block(table.length)];
  x.view.set(table.map(([v]) => v));
  (['lgamma', 'digamma', 'trigamma'] as const).forEach((code, k) => {
    allKernels(arena).sspecialElements(specialCodes[code], table.length, x.pointer, y.pointer, arena.alloc(16));
    table.forEach((row, i) => {
      const exact = row[k + 1];
      const error = Math.abs(y.view[i] - exact) / Math.max(Math.abs(exact), 2 ** -126);
      expect(error, `${code}(${row[0]}) = ${y.view[i]}, not ${exact}`).toBeLessThanOrEqual(2 * 2 ** -23);
    });
  });
});

test('gamma functions at poles and at 1 and 2', () => {
  const at = (code: SpecialCode, v: number) => valuesOf('wasm', code)[given.indexOf(v)];
  for (const pole of [0, -1, -2, -1e9]) {
    expect(at('lgamma', pole)).toBe(Infinity);
    expect(at('digamma', pole)).toBeNaN();
    expect(at('trigamma', pole)).toBeNaN();
  }
  expect([at('lgamma', 1), at('lgamma', 2), at('lgamma', Infinity), at('trigamma', Infinity)]).toEqual([
    0,
    0,
    Infinity,
    0,
  ]);
});
