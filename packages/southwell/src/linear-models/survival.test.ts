import { expect, test } from 'vitest';
import { coxRegression, loadModel, metrics, type SolverFor, saveModel } from './index.ts';
import { linearSolvers } from './solvers/index.ts';
import type { LinearSolver } from './solvers/solver.ts';

const time = [5, 3, 3, 8, 1, 1, 1, 4, 9, 3, 2, 2, 7, 6, 6, 5, 4, 8, 2, 10];
const event = [1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0];
const a = [0.5, -1.2, 0.3, 0.8, -0.7, 1.5, 0.1, -0.4, -1.1, 0.9, 0.2, -0.6, 1.1, -0.3, 0.7, -1.5, 0.4, -0.9, 1.3, 0];
const b = [1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1];
const w = [1, 2, 1, 3, 1, 1, 2, 1, 1, 2, 1, 1, 3, 1, 1, 2, 1, 1, 1, 2];
const strata = [...'uvuvuvuvuvuvvuvuuvuv'];
const X = a.map((v, i) => [v, b[i]]);
const target = { time: Float64Array.from(time), event };
const fresh = [
  [0.4, 1],
  [-1, 0],
];

const exact = { alpha: 0, tol: 1e-13 };
const close = (values: readonly number[], digits = 7) => values.map((v) => expect.closeTo(v, digits));
const rowOf = (m: { cols: number; get(i: number, j: number): number }, i: number) =>
  Array.from({ length: m.cols }, (_, j) => m.get(i, j));
const cumulative = ({ logCumulative }: { logCumulative: Float64Array }) => Array.from(logCumulative, Math.exp);

// survival 3.8 of R 4.5: f <- coxph(Surv(time, event) ~ a + b, ties = …, weights = …) with eps 1e-14, basehaz(f, centered =
// FALSE)$hazard at times of events, summary(survfit(f, newdata = fresh), times = c(0.5, 2, 5, 8.5, 10))$surv.
test.each([
  [
    'breslow',
    [0.4386455657522, 0.1965536478201],
    [
      [0.08191725440259, 0.1816318872407, 0.3669184067088, 0.445485686795, 0.5412874422011],
      [0.7792517696694, 0.9552204884384, 1.20136269105, 1.709364756083],
    ],
    [
      [1, 0.76836965907681, 0.45601994119015, 0.17503715107761, 0.08376916185297],
      [1, 0.8894641320953, 0.7053357737773, 0.4608097584445, 0.3320780466312],
    ],
    [
      [0.05908588496627, 0.1290634505295, 0.3288310204776, 0.3796350473221, 0.4372146989753],
      [0.5751201558896, 0.8292467821142, 0.9547000340743, 1.235046505711],
    ],
  ],
  [
    'efron',
    [0.4559456804532, 0.2180826395629],
    [
      [0.08314986584628, 0.1854030529269, 0.3824907118142, 0.4597689073464, 0.5539799921493],
      [0.8108367282243, 0.9846981217657, 1.228574060666, 1.72935906853],
    ],
    [
      [1, 0.75826953777957, 0.4374372384424, 0.15982719346879, 0.07569145913466],
      [1, 0.8891250375427, 0.7038857255179, 0.458988768538, 0.3341546905823],
    ],
    [
      [0.06024486755065, 0.1318970969847, 0.3476847000369, 0.3984536957368, 0.4559948484649],
      [0.6008762829357, 0.8548703504249, 0.9802430163673, 1.260228497608],
    ],
  ],
] as const)('%s: baseline hazard and survival are those of coxph', (ties, coef, hazard, survival, weighted) => {
  const model = coxRegression({ ...exact, ties }).fit(X, target);
  expect(Array.from(model.coef)).toEqual(close(coef));
  const [baseline] = model.baselineHazard!;
  expect(Array.from(baseline.times)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(baseline.lastTime).toBe(10);
  expect(cumulative(baseline)).toEqual(close(hazard.flat()));
  const found = model.survival(fresh, [0.5, 2, 5, 8.5, 10]);
  expect([0, 1].map((i) => rowOf(found, i))).toEqual(survival.map((row) => close(row)));
  const heavy = coxRegression({ ...exact, ties }).fit(X, target, { sampleWeight: w });
  expect(cumulative(heavy.baselineHazard![0])).toEqual(close(weighted.flat()));
});

// coxph(Surv(time, event) ~ a + b + strata(strata)), as above; concordance(f)$concordance.
test.each([
  [
    'breslow',
    [0.7151508844537, -0.2835017809394],
    [
      [
        0.1096084566913, 0.3690708986263, 0.6013288741798, 0.8978720755421, 1.319879226913, 2.37177190696,
        5.287640514062,
      ],
      [0.08051267248258, 0.2895511718403, 0.4436562897826, 0.6342557693899, 0.9620664149339],
    ],
    [
      [1, 0.69072300098889, 0.26626571029306, 0.09274995822186],
      [1, 0.9613850999111, 0.8679468676014, 0.6246496821081],
    ],
  ],
  [
    'efron',
    [0.7397343596299, -0.3477732222267],
    [
      [0.1129542822316, 0.419372687805, 0.6655605314958, 0.9800067120061, 1.4282862039, 2.566303809613, 5.760964933904],
      [0.0809443163829, 0.3045994223366, 0.4591835663457, 0.6484479054524, 0.9787690096136],
    ],
    [
      [1, 0.67154746279085, 0.25766969912777, 0.08746120739151],
      [1, 0.9621066996864, 0.8647046864118, 0.626812152246],
    ],
  ],
] as const)('%s: strata are those of coxph, and survive their file', (ties, coef, hazard, survival) => {
  const fitted = coxRegression({ ...exact, ties }).fit(X, { ...target, strata });
  expect(Array.from(fitted.coef)).toEqual(close(coef));
  expect(metrics.concordance({ ...target, strata }, fitted.decisionFunction(X))).toBe(0.625);
  const { model } = loadModel(saveModel(fitted));
  expect(model.baselineHazard).toEqual(fitted.baselineHazard);
  expect(model.baselineHazard!.map(({ stratum }) => stratum)).toEqual(['u', 'v']);
  expect(model.baselineHazard!.map(cumulative)).toEqual(hazard.map((row) => close(row, 6)));
  const found = model.survival(fresh, [0.5, 2, 5, 8.5], { strata: ['u', 'v'] });
  expect([0, 1].map((i) => rowOf(found, i))).toEqual(survival.map((row) => close(row)));
});

test('a stratified likelihood is the sum over strata, in folds and threads, too', async () => {
  // What lies apart by a stratum alone: with the other stratum left out, the same coefficients but for the share of rows.
  const cox = coxRegression({ alpha: 0.02, tol: 1e-12 });
  const alone = strata.map((s) => (s === 'u' ? 1 : 0));
  const one = cox.fit(X, target, { sampleWeight: alone });
  const two = cox.fit(X, { ...target, strata }, { sampleWeight: alone });
  expect(Array.from(two.coef)).toEqual(close(Array.from(one.coef), 9));
  const options = { folds: 3, nAlphas: 8 };
  const validated = await cox.crossValidate(X, { ...target, strata }, options);
  const plain = await cox.crossValidate(X, target, options);
  expect(validated.mean.every(Number.isFinite)).toBe(true);
  expect(validated.mean).not.toEqual(plain.mean);
  const threaded = await cox.crossValidate(X, { ...target, strata }, { ...options, threads: 2 });
  expect(threaded.mean).toEqual(validated.mean);
  expect(validated.best.baselineHazard).toHaveLength(2);
  const numbered = cox.fit(X, { ...target, strata: strata.map((s) => (s === 'u' ? 10 : 9)) });
  expect(numbered.baselineHazard!.map(({ stratum }) => stratum)).toEqual([9, 10]);
});

test('what cannot be had is said', () => {
  const cox = coxRegression({ alpha: 0.01 });
  const plain = cox.fit(X, target);
  const stratified = cox.fit(X, { ...target, strata });
  expect(() => plain.survival(fresh, [-1])).toThrow(/at least 0, but one is -1/);
  expect(() => plain.survival(fresh, [1], { strata: ['u', 'u'] })).toThrow(/fitted without strata/);
  expect(() => stratified.survival(fresh, [1])).toThrow(/give the stratum of every row/);
  expect(() => stratified.survival(fresh, [1], { strata: ['u', 'x'] })).toThrow(
    /Row 2 has stratum x.*known strata are u, v/,
  );
  expect(() => stratified.survival(fresh, [1], { strata: ['u'] })).toThrow(/2 rows but there are 1 strata/);
  expect(() => plain.survival(fresh, [1], { stratum: [] } as object)).toThrow(/did you mean 'strata'/);
  expect(() => cox.fit(X, { ...target, strata: ['u'] })).toThrow(/20 times but 1 strata/);
  expect(() => cox.fit(X, { ...target, strata: X.map(() => Number.NaN) })).toThrow(
    /stratum must be a finite number or a string/,
  );
  const { baselineHazard: _, ...old } = JSON.parse(saveModel(plain));
  const { model } = loadModel(JSON.stringify(old));
  expect(model.predict(fresh)).toEqual(plain.predict(fresh));
  expect(() => model.survival(fresh, [1])).toThrow(/no baseline hazard/);
  expect(() => loadModel(JSON.stringify({ ...old, baselineHazard: [{ times: [1] }] }))).toThrow(/do not match/);
});

// The partial likelihood, whose curvature has no bound, does not see what is added to a column: ages and years lie far from 0.
const able = Object.values<LinearSolver>(linearSolvers).filter(({ needs }) => !('curvatureBound' in needs.loss));
test.each(able.map(({ name }) => name as SolverFor<'cox', 'elastic-net'>))('a column may be shifted, %s', (solver) => {
  const shifted = (by: number) => a.map((v, i) => [v + by, b[i] - 3 * by]);
  for (const options of [{ alpha: 0 }, { alpha: 0.03 }, { alpha: 0.03, l1Ratio: 0.5, standardize: true }]) {
    for (const of of [target, { ...target, strata }]) {
      // Epochs of descent end where values of f tell no more.
      const cox = coxRegression({ ...options, solver, tol: solver === 'working-sets' ? 1e-10 : 1e-7 });
      const [near, far] = [0, 2000].map((by) => cox.fit(shifted(by), of, { sampleWeight: w }));
      expect([near.status, far.status]).toEqual(['converged', 'converged']);
      expect(Array.from(far.coef)).toEqual(close(Array.from(near.coef), 4));
      expect(far.intercept).toBe(0);
      expect(far.report.objective).toBeCloseTo(near.report.objective, 9);
      const at = (by: number) => fresh.map(([x, z]) => [x + by, z - 3 * by]);
      const groups = 'strata' in of ? ['u', 'v'] : undefined;
      const [one, other] = [
        near.survival(at(0), [2, 5], { strata: groups }),
        far.survival(at(2000), [2, 5], { strata: groups }),
      ];
      for (const i of [0, 1]) expect(rowOf(other, i)).toEqual(close(rowOf(one, i), 4));
    }
  }
});

// Columns that all but tell the order of the events: under a diagonal in the place of the Hessian, hundreds of steps gained
// ever less, and weak penalties ended far above the optimum.
test('a fit close to separation takes a few steps', () => {
  const rows = a.map((v, i) => [v, b[i] + 0.3 * v, (i % 5) - 2]);
  const told = { time: Float64Array.from(rows, ([u, v, s]) => 20 - 3 * u + 2 * v + s), event };
  for (const ties of ['breslow', 'efron'] as const) {
    for (const alpha of [1e-2, 1e-3, 1e-4]) {
      const { report } = coxRegression({ alpha, ties, tol: 1e-8 }).fit(rows, told);
      expect(report.status).toBe('converged');
      expect(report.iterations).toBeLessThan(25);
    }
  }
});

// Within strata the column is constant: its curvature is zero but for rounding, and no step along it tells anything.
test('a column that tells strata apart alone stays out of the way', () => {
  const number = strata.map((s) => (s === 'u' ? 1 : 0));
  const tagged = X.map((row, i) => [...row, number[i]]);
  const of = { ...target, strata };
  for (const alpha of [0, 0.02]) {
    const cox = coxRegression({ alpha, tol: 1e-9 });
    const [plain, more] = [cox.fit(X, of), cox.fit(tagged, of)];
    expect(more.status).toBe('converged');
    expect(Math.abs(more.coef[2])).toBeLessThan(1e-6);
    expect(Array.from(more.coef.subarray(0, 2))).toEqual(close(Array.from(plain.coef), 5));
  }
});
