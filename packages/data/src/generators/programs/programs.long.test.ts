import type { Model } from '@southwell/numerics/expressions';
import { expect, test } from 'vitest';
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

test.skipIf(!hasIpopt).each(programFamilies)(
  '$name: Ipopt solves it (needs coinor-ipopt)',
  ({ make, sizes, limit }) => {
    const { objective, exit } = solved(make(sizes[0]));
    expect(exit).toBe('Optimal Solution Found.');
    if (limit !== undefined) expect(Math.abs(objective - limit)).toBeLessThan(1e-3 * (1 + Math.abs(limit)));
  },
);
