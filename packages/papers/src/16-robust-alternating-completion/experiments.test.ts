import { describe, expect, test } from 'vitest';
import type { Experiment, Outcome } from '../experiment.ts';
import { experiments, experimentsWith } from './index.ts';
import { libraryMethod, type Method } from './lab.ts';

/** Runs until all verdicts are in; smaller than at quick size where that takes long. */
async function outcomes(all: readonly Experiment[], seed: number): Promise<Record<string, Outcome>> {
  const out: Record<string, Outcome> = {};
  for (const experiment of all) {
    let open = experiment.claims.length;
    for await (const event of experiment.run({ size: 'quick', seed, parameters: { side: 300, ratings: 40_000 } })) {
      if (event.kind !== 'verdict') continue;
      out[event.verdict.claim] = event.verdict.outcome;
      if (--open === 0) break;
    }
  }
  return out;
}

test('at quick size the claims that hold at full size do', async () => {
  const found = await outcomes(experiments, 11);
  expect(found).toMatchObject({
    'linear-errors': 'holds',
    'sketch-equals-exact': 'holds',
    'cost-in-rank': 'holds',
    'fresh-samples': 'holds',
    ratings: 'holds',
  });
  // At rank 8 conjugate gradients end after eight steps, however tight the tolerance: there is less to save.
  expect(['holds', 'partly']).toContain(found['loose-tolerance']);
  expect(found['condition-number']).toBeDefined();
});

describe('a broken method does not pass', () => {
  const wrongSign: Method = {
    regress(options) {
      const regress = libraryMethod.regress(options);
      return (step) => {
        regress(step);
        // Only one of the two factors: two wrong signs would be one right one.
        if (step.count % 2 === 0) for (let at = 0; at < step.out.length; at++) step.out[at] *= -1;
        else for (let at = 0; at < step.out.length; at++) step.out[at] *= 0.5;
      };
    },
    *iterates(observed, options) {
      for (const it of libraryMethod.iterates(observed, options)) {
        const snapshot = () => {
          const { left, right } = it.snapshot();
          return { left: left.map((v) => -v), right };
        };
        yield { ...it, snapshot };
      }
    },
  };
  test('wrong sign, half a step', async () => {
    const found = await outcomes(experimentsWith(wrongSign), 11);
    expect(Object.entries(found).filter(([, outcome]) => outcome === 'holds')).toEqual([]);
    expect(Object.keys(found)).toHaveLength(7);
  });
});

test('an abort ends a run', async () => {
  const controller = new AbortController();
  const run = experiments[0].run({ size: 'quick', seed: 1, signal: controller.signal });
  await run.next();
  controller.abort(new Error('enough'));
  await expect(
    (async () => {
      for await (const _ of run);
    })(),
  ).rejects.toThrow('enough');
});
