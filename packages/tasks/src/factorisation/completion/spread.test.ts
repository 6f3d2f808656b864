import { beforeAll, describe, expect, test } from 'vitest';
import { runSpread, type SpreadResult } from '../../spread/testing.ts';
import { built, near, onThreads } from '../../testing.ts';
import { jobs, LONGEST } from './testing.ts';

const names = Object.keys(jobs);

describe.skipIf(!built)('entries over ranks (need a build)', () => {
  let alone: SpreadResult[];
  beforeAll(async () => {
    alone = await onThreads(1, Object.values(jobs));
  });

  // 90 rows make 6 chunks and 40 columns 3; 7 rows and 5 columns one each: all other ranks have none.
  test('2 ranks have the bits of one', async () => {
    const some = names.filter((name) => name !== LONGEST);
    const two = await onThreads(
      2,
      some.map((name) => jobs[name]),
    );
    for (const [k, name] of some.entries()) expect(two[k], name).toEqual(alone[names.indexOf(name)]);
  });

  test.each([...names.entries()])('%d: %s: as in one place', async (k, name) => {
    const plain = await runSpread(jobs[name]);
    if ('error' in plain) {
      expect(alone[k]).toEqual(plain);
      return;
    }
    const one = alone[k];
    if (jobs[name].hurried) {
      expect([one.status, plain.status]).toEqual(['time-limit', 'converged']);
      return;
    }
    const { data, rows, cols, observed, status, unidentified, determination, rank, lambda, chosenBy } = plain;
    expect(one).toMatchObject({
      data,
      rows,
      cols,
      observed,
      status,
      unidentified,
      determination,
      rank,
      lambda,
      chosenBy,
    });
    const share = name === 'robust, to the end' ? 1e-4 : 1e-10;
    near(one.trainError, plain.trainError, Math.min(share, 1e-8));
    const held = (of: SpreadResult) => Object.values((of.heldOut ?? {}) as Record<string, number>);
    near(held(one), held(plain), 1e-10);
    const errors = (of: SpreadResult) => ((of.tried ?? []) as Array<{ error: number }>).map(({ error }) => error);
    near(errors(one), errors(plain), 1e-8);
    for (const key of ['predictions', 'matrix', 'factors'] as const) {
      const [found, wanted] = [one, plain].map((of) => (of[key] ?? {}) as Record<string, unknown[]>);
      expect(Object.keys(found)).toEqual(Object.keys(wanted));
      for (const [column, values] of Object.entries(wanted)) near(found[column], values, share);
    }
  });
});
