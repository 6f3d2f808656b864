import { functionsOf } from '@southwell/numerics/expressions';
import { describe, expect, test } from 'vitest';
import { hockSchittkowski, modelOfText, programFamilies } from '../index.ts';

describe('problems of Hock and Schittkowski', () => {
  test('have names of their own, starts of the length of their bounds, and derivatives at the start', () => {
    expect(hockSchittkowski.length).toBeGreaterThanOrEqual(60);
    expect(new Set(hockSchittkowski.map(({ name }) => name)).size).toBe(hockSchittkowski.length);
    for (const one of hockSchittkowski) {
      const F = functionsOf(modelOfText(one));
      const x = Float64Array.from(one.start);
      expect(Number.isFinite(F.objective(x)), one.name).toBe(true);
      const g = new Float64Array(x.length);
      F.gradient(x, g);
      expect(
        g.every((v) => Number.isFinite(v)),
        one.name,
      ).toBe(true);
    }
  });

  test('bounds of another length are refused', () => {
    const text = { name: 'p', objective: 'x1', start: [1], best: 0 };
    expect(() => modelOfText({ ...text, lower: [1, 2] })).toThrow('p has 1 variables, but 2 bounds.');
    expect(() => modelOfText({ ...text, objective: 'x2' })).toThrow('x2');
  });
});

describe('families of programs', () => {
  test.each(programFamilies)('$name: about 10³, 10⁴ and 10⁵ variables', ({ make, sizes }) => {
    const [small, medium] = sizes.slice(0, 2).map((size) => make(size).variables.lower.length);
    expect(small / 1000).toBeGreaterThan(0.9);
    expect(small / 1000).toBeLessThan(1.1);
    expect(medium / 10_000).toBeGreaterThan(0.9);
    expect(medium / 10_000).toBeLessThan(1.1);
  });
});
