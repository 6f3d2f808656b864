import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import {
  type AggregationRule,
  aggregate,
  aggregationRules,
  attackGradients,
  attacks,
  centeredClippingIterates,
  centeredClippingWeights,
  flagWeights,
  geometricMedianWeights,
  krumWeights,
} from './index.ts';
import { distance, drawn, gram, near, norm } from './testing.ts';

const all = Object.keys(aggregationRules) as AggregationRule[];

test('gradients that are not finite are named, and the others give what they give alone', () => {
  const g = drawn(9, 10, 1, 2);
  const bad = [
    g[0],
    g[0].map((v, k) => (k === 9 ? Number.NaN : v)),
    ...g.slice(1, 5),
    g[0].map(() => Number.NEGATIVE_INFINITY),
    ...g.slice(5),
  ];
  for (const rule of all) {
    const found = aggregate(bad, { rule, f: rule === 'bulyan' ? 2 : 3 });
    expect(found.excluded).toEqual([1, 6]);
    const alone = aggregate(g, { rule, f: rule === 'bulyan' ? 0 : 1 });
    expect(found.direction).toEqual(alone.direction);
    const renamed = (i: number) => i + (i >= 1 ? 1 : 0) + (i >= 5 ? 1 : 0);
    expect(found.selected).toEqual(alone.selected?.map(renamed));
    for (const which of ['weights', 'explained', 'scores'] as const) {
      alone[which]?.forEach((v, i) => {
        expect(found[which]![renamed(i)]).toBe(v);
      });
    }
    expect(() => aggregate([[Number.NaN], [Number.POSITIVE_INFINITY], [Number.NaN]], { rule, f: 0 })).toThrow(
      'None of the 3 gradients is finite.',
    );
  }
});

test('huge and tiny entries', () => {
  const g = drawn(7, 6, 0, 5);
  const far = [...g.slice(0, 6), g[6].map(() => 1e300)];
  for (const rule of all) {
    if (rule === 'mean') continue;
    const { direction } = aggregate(far, { rule, f: 1 });
    expect([rule, norm(direction) < 10]).toEqual([rule, true]);
  }
  expect(aggregate(far).excluded).toEqual([6]);
  expect(() =>
    aggregate(
      [[1e308], [1e308], [1e308]].map(([v]) => [v, v]),
      { rule: 'trimmed-mean', f: 0 },
    ),
  ).toThrow('not finite; scale the gradients down');
});

test('too few workers, too many faulty ones, and what does not fit', () => {
  const g = drawn(6, 4);
  const refusal = (options: object, gradients: readonly (Float64Array | number[])[] = g) => {
    try {
      aggregate(gradients, options);
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  };
  expect(refusal({ rule: 'median', f: 3 })).toBe(
    'f = 3 is too many for 6 workers: fewer than half of them may be faulty.',
  );
  expect(refusal({ rule: 'krum', f: 1 }, g.slice(0, 3))).toBe(
    'Krum with f = 1 needs 4 workers or more, but there are 3; lower f or choose another rule.',
  );
  expect(refusal({ rule: 'bulyan', f: 1 })).toMatch('Bulyan with f = 1 needs 7 workers or more');
  expect(refusal({ rule: 'trimmed-mean' })).toBe(
    "The rule 'trimmed-mean' needs f, the number of workers that may be faulty.",
  );
  expect(refusal({ rule: 'multi-krum', f: 1, m: 6 })).toMatch('Multi-Krum can average m = 5 of 6 gradients at most');
  expect(refusal({ m: 0 })).toMatch('m must be a whole number of at least 1');
  expect(refusal({ rule: 'flagg' })).toMatch('rule must be one of');
  expect(refusal({ f: 1.5 })).toMatch('f must be a whole number');
  expect(refusal({}, [])).toMatch('no gradients');
  expect(refusal({}, [[], []])).toMatch('no entries');
  expect(refusal({}, [[1, 2], [1], [2, 3]])).toBe(
    'The gradient of worker 1 has 1 entries where that of worker 0 has 2.',
  );
  for (const f of [flagWeights, geometricMedianWeights, centeredClippingWeights] as const) {
    expect(() => f(new Float64Array(3))).toThrow('p × p inner products');
    expect(() => f(Float64Array.of(1, 2, 3, 4))).toThrow('symmetric');
    expect(() => f(Float64Array.of(1, Number.NaN, 3, 4))).toThrow('finite gradients');
  }
  expect(() => krumWeights(gram(g), {})).toThrow('needs f');
  expect(() => centeredClippingIterates(gram(g), { radius: 0 }).next()).toThrow('radius must be');
});

test('one worker, and two', () => {
  for (const rule of all) {
    if (rule === 'krum' || rule === 'multi-krum' || rule === 'bulyan') continue;
    const unit = rule === 'flag' || rule === 'normalized-mean';
    expect([...aggregate([[3, 4]], { rule, f: 0 }).direction]).toEqual(unit ? [0.6000000000000001, 0.8] : [3, 4]);
    expect(
      aggregate(
        [
          [3, 4],
          [5, 12],
        ],
        { rule, f: 0 },
      ).direction.every(Number.isFinite),
    ).toBe(true);
  }
});

test('attacks send what they say', () => {
  const g = drawn(10, 200, 0, 4);
  const honest = g.slice(0, 7);
  const mean = g[0].map((_, k) => honest.reduce((sum, v) => sum + v[k], 0) / 7);
  const deviation = g[0].map((_, k) => Math.sqrt(honest.reduce((sum, v) => sum + (v[k] - mean[k]) ** 2, 0) / 7));
  const sent = (attack: Parameters<typeof attackGradients>[2]) => {
    const all = attackGradients(g, 3, attack, new Random(1));
    expect(all.slice(0, 7)).toEqual(honest);
    expect(all).toHaveLength(10);
    return all.slice(7);
  };
  expect(sent(attacks.reverse())).toEqual(g.slice(7).map((v) => v.map((x) => -10 * x)));
  sent(attacks.drop()).forEach((v, i) => {
    expect(v.filter((x) => x === 0)).toHaveLength(20);
    expect(v.filter((x, k) => x === g[7 + i][k])).toHaveLength(180);
  });
  for (const v of sent(attacks.littleIsEnough({ z: 0.5 }))) {
    expect(
      near(
        v,
        mean.map((m, k) => m - 0.5 * deviation[k]),
      ),
    ).toBe(true);
  }
  for (const v of sent(attacks.fallOfEmpires({ epsilon: 2 })))
    expect(
      near(
        v,
        mean.map((m) => -2 * m),
      ),
    ).toBe(true);
  const uniform = sent(attacks.random());
  expect(uniform.flatMap((v) => [...v]).every((x) => x > 0 && x < 1)).toBe(true);
  expect(distance(uniform[0], uniform[1])).toBeGreaterThan(1);
  const normal = sent(attacks.random({ distribution: 'normal', scale: 3 })).flatMap((v) => [...v]);
  expect(normal.reduce((s, v) => s + v, 0) / 600).toBeCloseTo(0, 0);
  expect(Math.sqrt(normal.reduce((s, v) => s + v * v, 0) / 600)).toBeCloseTo(3, 0);
  expect(attackGradients(g, 0, attacks.reverse())).toEqual(g);
  expect(() => attackGradients(g, 11, attacks.reverse())).toThrow('from 0 to 10');
  expect(() => attackGradients(g, 10, attacks.fallOfEmpires())).toThrow('honest gradients');
});

test('an attack that knows the rule does at least what a fixed strength does', () => {
  const g = drawn(11, 60, 0, 6);
  const honest = g.slice(0, 8);
  const mean = aggregate(honest, { rule: 'mean' }).direction;
  for (const rule of ['median', 'krum', 'flag', 'centered-clipping'] as const) {
    const apply = (gradients: readonly Float64Array[]) => aggregate(gradients, { rule, f: 3 }).direction;
    // How far the result goes against the mean.
    const against = (gradients: readonly Float64Array[]) =>
      apply(gradients).reduce((sum, v, k) => sum - (v - mean[k]) * mean[k], 0);
    const adapted = against(attackGradients(g, 3, attacks.adaptive({ rule: apply })));
    for (const epsilon of [0.1, 0.5, 1, 4, 100]) {
      expect(adapted).toBeGreaterThanOrEqual(
        against(attackGradients(g, 3, attacks.fallOfEmpires({ epsilon }))) - 1e-2 * Math.abs(adapted),
      );
    }
  }
  const little = attacks.adaptive({
    along: 'little-is-enough',
    rule: (all) => aggregate(all, { rule: 'mean' }).direction,
  });
  // The mean follows without limit: the largest strength of the grid.
  const [sent] = attackGradients(g, 3, little).slice(8);
  expect(norm(sent)).toBeGreaterThan(500 * norm(mean) * 0.1);
  expect(() => attacks.adaptive({} as never)).toThrow('knows the rule');
});

test('gradients of 32 and of 64 bits, and lists, have the same bits, also where they are copied in parts', () => {
  for (const [p, n] of [
    [9, 1000],
    [4, 110_001],
  ] as const) {
    const floats = drawn(p, n, 0, p).map((g) => Float32Array.from(g));
    const doubles = floats.map((g) => Float64Array.from(g));
    const mixed = floats.map((g, i) => (i === 0 ? g : i === 1 ? [...g] : doubles[i]));
    for (const rule of n > 1000 ? (['mean', 'normalized-mean', 'geometric-median'] as const) : all) {
      const wanted = aggregate(doubles, { rule, f: 1 });
      for (const given of [floats, mixed]) expect(aggregate(given, { rule, f: 1 })).toEqual(wanted);
    }
  }
});
