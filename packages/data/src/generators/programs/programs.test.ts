import { functionsOf, type Model } from '@southwell/numerics/expressions';
import { describe, expect, test } from 'vitest';
import { hasIpopt, runIpopt } from '../../models/testing.ts';
import { writeNl } from '../../models/writeNl.ts';
import { hockSchittkowski, modelOfText, programFamilies } from '../index.ts';

/** Ipopt's objective, which it prints negated where it is maximised, and its last line. */
function solved(model: Model, ...options: string[]): { objective: number; exit: string } {
  const output = runIpopt(writeNl(model, 'little-endian').nl, options);
  const objective = Number(/^Objective\.+: +\S+ +(\S+)/m.exec(output)?.[1]);
  return {
    objective: model.objective.sense === 'maximize' ? -objective : objective,
    exit: /^EXIT: (.*)$/m.exec(output)?.[1] ?? '',
  };
}

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

  test.skipIf(!hasIpopt)('Ipopt finds the objective of the book (needs coinor-ipopt)', () => {
    const wrong: string[] = [];
    for (const one of hockSchittkowski) {
      const { objective, exit } = solved(modelOfText(one), 'tol=1e-9');
      const known = [one.best, ...(one.otherMinimum === undefined ? [] : [one.otherMinimum])];
      if (!known.some((best) => Math.abs(objective - best) <= 1e-5 * (1 + Math.abs(best))))
        wrong.push(`${one.name}: ${objective}, not ${known}: ${exit}`);
    }
    expect(wrong).toEqual([]);
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

  test.skipIf(!hasIpopt).each(programFamilies)(
    '$name: Ipopt solves it (needs coinor-ipopt)',
    ({ make, sizes, limit }) => {
      const { objective, exit } = solved(make(sizes[0]));
      expect(exit).toBe('Optimal Solution Found.');
      if (limit !== undefined) expect(Math.abs(objective - limit)).toBeLessThan(1e-3 * (1 + Math.abs(limit)));
    },
  );
});
