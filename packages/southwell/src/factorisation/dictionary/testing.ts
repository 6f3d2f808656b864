// Shared by the quick and long tests of supervised dictionaries. Not exported from the package.
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { type ClassLabel, type SupervisedDictionary, type SupervisedOptions, supervisedDictionary } from '../index.ts';

/** Non-negative samples of low rank plus noise, whose labels depend on the first atom, and two covariates. */
export function planted(n: number, p: number, classes: number, seed: number) {
  const random = new Random(seed);
  const atoms = Array.from({ length: 3 }, () => Array.from({ length: p }, () => random.uniform()));
  const rows: number[][] = [];
  const covariates: number[][] = [];
  const y: number[] = [];
  for (let s = 0; s < n; s++) {
    const h = atoms.map(() => random.uniform());
    rows.push(atoms[0].map((_, i) => h.reduce((sum, v, k) => sum + v * atoms[k][i], 0) + 0.1 * random.uniform()));
    covariates.push([random.normal(), random.normal()]);
    const score = 4 * (h[0] - h[1]) + covariates[s][0] + random.normal();
    y.push(classes === 2 ? (score > 0 ? 1 : 0) : score > 1 ? 2 : score > -1 ? 1 : 0);
  }
  return { rows, covariates, y };
}

/** The objective from its definition, by loops. */
export function objective(
  { rows, y, covariates }: { rows: number[][]; y: number[]; covariates?: number[][] },
  m: Pick<SupervisedDictionary, 'dictionary' | 'codes' | 'coefficients' | 'auxiliary'>,
  o: SupervisedOptions,
): number {
  const [W, H, beta, gamma] = [m.dictionary, m.codes, m.coefficients, m.auxiliary];
  const lifted = o.algorithm === 'lifted';
  const filter = (o.model ?? 'filter') === 'filter';
  const { xi = 1, l2 = 1, l1 = 0 } = o;
  let total = 0;
  const range = (k: number) => Array.from({ length: k }, (_, i) => i);
  const rank = range(W.cols);
  rows.forEach((x, s) => {
    const seen = filter
      ? rank.map((k) => x.reduce((sum, v, i) => sum + v * W.get(i, k), 0))
      : rank.map((k) => H.get(s, k));
    const z = [1, ...(covariates?.[s] ?? [])];
    const a = range(beta.cols).map(
      (j) =>
        rank.reduce((sum, k) => sum + seen[k] * beta.get(k, j), 0) +
        z.reduce((sum, v, i) => sum + v * gamma.get(i, j), 0),
    );
    total += Math.log(1 + a.reduce((sum, v) => sum + Math.exp(v), 0)) - (y[s] > 0 ? a[y[s] - 1] : 0);
    x.forEach((v, i) => {
      total += xi * (v - rank.reduce((sum, k) => sum + H.get(s, k) * W.get(i, k), 0)) ** 2;
    });
  });
  for (const v of H.data) total += l1 * Math.abs(v);
  for (const v of gamma.data) total += 0.5 * l2 * v * v;
  if (!lifted) {
    for (let j = 0; j < gamma.cols; j++) total -= 0.5 * (l2 - 1e-6) * gamma.get(0, j) ** 2;
    for (const v of beta.data) total += 0.5 * l2 * v * v;
  } else if (filter) {
    for (let i = 0; i < W.rows; i++)
      for (let j = 0; j < beta.cols; j++)
        total += 0.5 * l2 * rank.reduce((sum, k) => sum + W.get(i, k) * beta.get(k, j), 0) ** 2;
  } else {
    for (let s = 0; s < H.rows; s++)
      for (let j = 0; j < beta.cols; j++)
        total += 0.5 * l2 * rank.reduce((sum, k) => sum + H.get(s, k) * beta.get(k, j), 0) ** 2;
  }
  return total;
}

/**
 * For each algorithm and model: the objective does not decrease in this many directions, and fits of as many iterations
 * are reproducible.
 */
export function supervised({ trials, maxIter }: { readonly trials: number; readonly maxIter: number }): void {
  describe.each([
    ['bcd', 'filter'],
    ['bcd', 'feature'],
    ['lifted', 'filter'],
    ['lifted', 'feature'],
  ] as const)('%s, %s', (algorithm, model) => {
    test.each([2, 3])(
      '%i classes: the objective is what it says, never rises, and ends where no block can fall',
      (classes) => {
        const data = planted(40, 6, classes, 3);
        const options: SupervisedOptions = {
          rank: 2,
          xi: 0.5,
          model,
          algorithm,
          l2: 0.3,
          seed: 1,
          tol: algorithm === 'bcd' ? 1e-13 : 1e-10,
          maxIter: 8000,
          ...(algorithm === 'bcd' && { l1: 0.05 }),
        };
        const trace: number[] = [];
        const fit = supervisedDictionary(options).fit(data.rows, data.y, {
          covariates: data.covariates,
          onIterate: (it) => trace.push(it.objective),
        });
        expect(fit.solution.status).toBe('converged');
        for (let t = 1; t < trace.length; t++) expect(trace[t]).toBeLessThanOrEqual(trace[t - 1] + 1e-10 * trace[0]);
        expect(trace[trace.length - 1]).toBeLessThan(0.7 * trace[0]);
        const value = objective(data, fit, options);
        expect(fit.solution.objective).toBeCloseTo(value, 7);
        const random = new Random(5);
        for (const block of ['dictionary', 'codes', 'coefficients', 'auxiliary'] as const) {
          for (let trial = 0; trial < trials; trial++) {
            const M = fit[block];
            const before = M.data.slice();
            const step = before.map(() => random.normal());
            for (const size of [1e-3, -1e-3]) {
              before.forEach((v, k) => {
                M.data[k] = v + size * step[k];
                if (algorithm === 'bcd' && (block === 'dictionary' || block === 'codes'))
                  M.data[k] = Math.max(0, M.data[k]);
              });
              if (algorithm === 'bcd' && block === 'dictionary')
                for (let j = 0; j < M.cols; j++) {
                  const length = Math.max(1, Math.hypot(...M.column(j)));
                  M.column(j).set(M.column(j).map((v) => v / length));
                }
              expect(objective(data, fit, options)).toBeGreaterThan(value - 2e-6);
            }
            M.data.set(before);
          }
        }
      },
    );

    test('predicts better than chance, and the same from the same seed', () => {
      const train = planted(150, 8, 2, 7);
      const other = planted(150, 8, 2, 7); // the same draw
      const options: SupervisedOptions = { rank: 3, xi: 0.3, model, algorithm, l2: 0.1, seed: 2, maxIter: 300 };
      const fit = supervisedDictionary(options).fit(train.rows, train.y, { covariates: train.covariates });
      const share = (found: readonly ClassLabel[]) => found.filter((v, s) => v === train.y[s]).length / 150;
      expect(share(fit.predict(train.rows, { covariates: train.covariates }))).toBeGreaterThan(
        model === 'filter' ? 0.75 : 0.65, // codes of the fit know the labels, those of predictions do not
      );
      const [first, again] = [train, other].map(({ rows, y, covariates }) =>
        supervisedDictionary({ ...options, maxIter }).fit(rows, y, { covariates }),
      );
      expect(again.dictionary.data).toEqual(first.dictionary.data);
      const P = fit.predictProba(train.rows, { covariates: train.covariates });
      for (let s = 0; s < 150; s++) expect(P.get(s, 0) + P.get(s, 1)).toBeCloseTo(1, 12);
      expect(() => fit.predictProba(train.rows)).toThrow('2 covariates');
    });
  });
}
