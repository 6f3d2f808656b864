import { type DenseMatrix, logisticRegression, metrics } from 'southwell';
import {
  type LiftedIterate,
  type LiftedOptions,
  liftedIterates,
  type SupervisedData,
  type SupervisedEstimator,
  type SupervisedOptions,
  supervisedData,
  supervisedDictionary,
  youdenThreshold,
} from 'southwell/factorisation';
import {
  atLeast,
  atMost,
  type Cell,
  type Experiment,
  type ExperimentContext,
  type ExperimentEvent,
  type Parameter,
  parameterValue,
  verdict,
} from '../experiment.ts';
import { pauses } from '../pauses.ts';
import {
  covariateStudy,
  documents,
  plainNmf,
  ridgeLogistic,
  rowsOf,
  type Study,
  simulatedDigits,
  whiteSamples,
} from './lab.ts';
import { record } from './record.ts';

/** The methods under test: the library's, or crippled ones that the verdicts must catch. */
export interface Method {
  readonly estimator: (options: SupervisedOptions) => SupervisedEstimator;
  readonly lifted: (data: SupervisedData, options: LiftedOptions) => Iterable<LiftedIterate>;
}

export const methodOfLibrary: Method = { estimator: supervisedDictionary, lifted: liftedIterates };

const claim = (id: string) => record.claims.find((c) => c.id === id)!;
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const rank: Parameter = {
  name: 'rank',
  title: 'Atoms',
  default: { quick: 2, full: 2 },
  min: 1,
  max: 20,
  integer: true,
};

const steps: Parameter = {
  name: 'steps',
  title: 'Steps over all blocks (the authors take 50)',
  default: { quick: 50, full: 50 },
  min: 1,
  max: 5000,
  integer: true,
};
const safe: Parameter = {
  name: 'safe',
  title: "0: the steps of the authors' code; 1: steps that never raise the objective",
  default: { quick: 0, full: 0 },
  min: 0,
  max: 1,
  integer: true,
};

/** The study trains on 400 samples and tests on 100; a thousand tell shares that differ by two hundredths apart. */
const [TRAIN, TEST] = [400, 1000];

/** The share of right labels at a threshold. */
const accuracy = (y: ArrayLike<number>, P: ArrayLike<number>, threshold: number): number => {
  let right = 0;
  for (let s = 0; s < y.length; s++) if ((P[s] >= threshold ? 1 : 0) === y[s]) right++;
  return right / y.length;
};

/** Ridge of weight 1, as in the models under test. */
const regression = (rows: number) => logisticRegression({ alpha: 1 / rows, l1Ratio: 0, tol: 1e-6 });

/** Logistic regression on given features: probabilities of the test and Youden's threshold of the training. */
function classify(train: DenseMatrix, y: Int32Array, test: DenseMatrix): { P: Float64Array; threshold: number } {
  const model = regression(train.rows).fit(train, y);
  const threshold = youdenThreshold(y, probabilities(model, train)) ?? 0.5;
  return { P: probabilities(model, test), threshold };
}

const probabilities = (model: ReturnType<ReturnType<typeof regression>['fit']>, X: DenseMatrix): Float64Array =>
  Float64Array.from(model.predictProba(X) as ArrayLike<number>);

/** Train and test rows of a study. */
function split({ X, y, covariates }: Study, train: number) {
  const part = (from: number, to: number) => ({
    X: rowsOf(X, from, to),
    y: y.slice(from, to),
    covariates: covariates && rowsOf(covariates, from, to),
  });
  const [first, second] = [part(0, train), part(train, X.rows)];
  return {
    train: first,
    test: second,
    free() {
      for (const M of [X, covariates, first.X, first.covariates, second.X, second.covariates]) M?.free();
    },
  };
}

/** Atoms as grey pictures, one beside the other. */
function atomsPicture(W: DenseMatrix, title: string): ExperimentEvent {
  const side = Math.round(Math.sqrt(W.rows));
  const width = W.cols * (side + 1) - 1;
  const values = new Array<number>(width * side).fill(0);
  for (let k = 0; k < W.cols; k++) {
    const atom = W.column(k);
    const most = atom.reduce((a, b) => Math.max(a, b), 1e-300);
    for (let i = 0; i < side * side; i++) {
      values[Math.floor(i / side) * width + k * (side + 1) + (i % side)] = atom[i] / most;
    }
  }
  return { kind: 'picture', title, picture: { type: 'image', width, height: side, values } };
}

/** Simulated digits: accuracy against reconstruction. */
const digits = (method: Method): Experiment => ({
  id: 'digits',
  title: 'Patterns that rebuild and tell apart',
  axes: {
    x: 'weight ξ of the reconstruction',
    y: 'share of right labels, or reconstruction error',
    logY: false,
    logX: true,
  },
  parameters: [rank, steps, safe],
  claims: [claim('accuracy-and-reconstruction')],
  async *run(context) {
    const full = context.size === 'full';
    const draws = full ? 10 : 2;
    const weights = full ? [0.1, 1, 10, 50] : [0.1, 1];
    const r = parameterValue(rank, context);
    const pause = pauses(context);
    const rows: Cell[][] = [];
    const scores: Record<string, number[]> = {};
    const errors: Record<string, number[]> = {};
    const add = (draw: number, name: string, score: number, error: number | null, seconds: number) => {
      (scores[name] ??= []).push(score);
      if (error !== null) (errors[name] ??= []).push(error);
      rows.push([draw + 1, name, score, error, seconds]);
    };
    for (let draw = 0; draw < draws; draw++) {
      const seed = 1000 * context.seed + draw;
      const study = split(await simulatedDigits(context.size, TRAIN + TEST, 0.5, seed), TRAIN);
      const { train, test } = study;
      const timed = <T>(work: () => T): { value: T; seconds: number } => {
        const start = performance.now();
        const value = work();
        return { value, seconds: (performance.now() - start) / 1000 };
      };
      yield { kind: 'progress', label: `draw ${draw + 1}: regression`, fraction: draw / draws };
      await pause();
      const lr = timed(() => classify(train.X, train.y, test.X));
      add(draw, 'all pixels', accuracy(test.y, lr.value.P, lr.value.threshold), null, lr.seconds);
      await pause();
      const nmf = timed(() => plainNmf(train.X, r, seed));
      const [left, right] = [nmf.value.filter(train.X), nmf.value.filter(test.X)];
      const after = classify(left, train.y, right);
      add(draw, 'factorise, then classify', accuracy(test.y, after.P, after.threshold), nmf.value.error, nmf.seconds);
      if (draw === 0) yield atomsPicture(nmf.value.W, 'Atoms of factorisation alone');
      for (const M of [nmf.value.W, left, right]) M.free();
      for (const [at, xi] of weights.entries()) {
        yield {
          kind: 'progress',
          label: `draw ${draw + 1}: ξ = ${xi}`,
          fraction: (draw + at / weights.length) / draws,
        };
        const start = performance.now();
        const fit = await method
          .estimator({
            ...{ rank: r, xi, seed, tol: 0, maxIter: parameterValue(steps, context) },
            steps: parameterValue(safe, context) === 1 ? 'safe' : 'published',
          })
          .fitAsync(train.X, train.y, { signal: context.signal });
        context.signal?.throwIfAborted();
        const seconds = (performance.now() - start) / 1000;
        const P = fit.predictProba(test.X);
        add(draw, `ξ = ${xi}`, accuracy(test.y, P.column(1), fit.threshold), fit.reconstructionError, seconds);
        P.free();
        if (draw === 0) yield atomsPicture(fit.dictionary, `Atoms, ξ = ${xi}`);
        if (draw === draws - 1) {
          const x = [xi];
          const work = { seconds: [seconds] };
          yield {
            kind: 'points',
            panel: 'right labels',
            series: 'supervised',
            x,
            y: [mean(scores[`ξ = ${xi}`])],
            work,
          };
          for (const name of ['all pixels', 'factorise, then classify']) {
            yield { kind: 'points', panel: 'right labels', series: name, x, y: [mean(scores[name])] };
          }
          const [own, plain] = [errors[`ξ = ${xi}`], errors['factorise, then classify']];
          yield { kind: 'points', panel: 'reconstruction error', series: 'supervised', x, y: [mean(own)], work };
          yield { kind: 'points', panel: 'reconstruction error', series: 'factorisation alone', x, y: [mean(plain)] };
        }
        await pause();
      }
      study.free();
    }
    yield {
      kind: 'table',
      title: full ? '784 pixels, 400 samples' : '64 pixels, 400 samples',
      columns: ['draw', 'method', 'right labels', 'reconstruction error', 'seconds'],
      rows,
    };
    const nmfScore = mean(scores['factorise, then classify']);
    const nmfError = mean(errors['factorise, then classify']);
    const at = (xi: number) => ({ score: mean(scores[`ξ = ${xi}`]), error: mean(errors[`ξ = ${xi}`]) });
    yield verdict(claim('accuracy-and-reconstruction'), context, [
      ...[0.1, 1].flatMap((xi) => [
        atLeast(
          `right labels, ξ = ${xi}, less those of factorise-then-classify`,
          at(xi).score - nmfScore,
          full ? 0.04 : 0.02,
        ),
        atMost(
          `reconstruction error, ξ = ${xi}, over that of factorisation`,
          at(xi).error / nmfError,
          full ? 1.1 : 1.15,
        ),
        ...(full
          ? [
              atMost(
                `right labels of all pixels less those of ξ = ${xi}`,
                mean(scores['all pixels']) - at(xi).score,
                0.05,
              ),
            ]
          : []),
      ]),
      ...(full ? [atMost('right labels at ξ = 50 less those at ξ = 0.1', at(50).score - at(0.1).score, 0)] : []),
    ]);
  },
});

/** The lifted problem with one step, from random starts. */
const convergence = (method: Method): Experiment => ({
  id: 'convergence',
  title: 'Projected gradients on the lifted problem',
  axes: { x: 'step', y: 'change of the lifted point, relative', logY: true },
  claims: [claim('exponential-convergence')],
  async *run(context) {
    const full = context.size === 'full';
    const [p, n, starts] = full ? [20, 2000, 5] : [10, 500, 2];
    const r = full ? 5 : 3;
    const pause = pauses(context);
    // Per sample: μ = min(ν, 2ξ) and L = max(¼ + ν, 2ξ), since XᵀX/n is a projector and the ones are nearly orthogonal to X.
    const [nu, xi] = [0.2, 0.15];
    const mu = nu;
    const bound = (study: Study) => {
      // λ of the Gram matrix of [1, X]: at most 1 + the length of the mean.
      let square = 0;
      for (let j = 0; j < p; j++) square += (study.X.column(j).reduce((a, b) => a + b, 0) / n) ** 2;
      return 0.25 * (1 + Math.sqrt(square)) + nu;
    };
    const rows: Cell[][] = [];
    async function* descend(
      study: Study,
      k: number,
      tau: number,
      title: string,
    ): AsyncGenerator<ExperimentEvent, Run[]> {
      const runs: Run[] = [];
      for (let start = 0; start < starts; start++) {
        const data = supervisedData(study.X, study.y);
        const options = {
          rank: k,
          xi: xi * n,
          l2: nu * n,
          model: 'filter',
          step: tau / n,
          seed: 10 * context.seed + start,
          tol: 1e-13,
        } as const;
        const changes: number[] = [];
        let size = 1;
        let end: LiftedIterate | undefined;
        let point: Run['point'] | undefined;
        const begun = performance.now();
        const seconds: number[] = [];
        for (const it of method.lifted(data, options)) {
          if (it.iteration > 0) {
            changes.push(it.change);
            seconds.push((performance.now() - begun) / 1000);
          }
          size = it.size;
          end = it;
          if (it.done || it.iteration >= 400) {
            const { dictionary: W, codes: H, coefficients: beta, auxiliary } = it.snapshot();
            point = lift(W, H, beta, auxiliary, p, n, k);
            break;
          }
          await pause();
        }
        data.free();
        const x = changes.map((_, t) => t + 1);
        const series = `${title}, start ${start + 1}`;
        yield {
          kind: 'points',
          panel: 'change',
          series,
          x,
          y: changes.map((v) => Math.max(v / size, 1e-17)),
          work: { seconds },
        };
        // Until changes are rounding.
        const ratios = changes.flatMap((v, t) => (t > 0 && v > 1e-11 * size ? [v / changes[t - 1]] : []));
        runs.push({ ratio: Math.max(...ratios), point: point! });
        rows.push([title, start + 1, k, tau, end!.iteration, end!.objective, Math.max(...ratios)]);
      }
      return runs;
    }
    const spreadOf = (runs: readonly Run[], part: (run: Run) => Float64Array) =>
      Math.max(0, ...runs.slice(1).map((run) => relative(part(run), part(runs[0]))));
    yield { kind: 'progress', label: 'samples of the rank', fraction: 0 };
    const low = whiteSamples(p, n, r, 1000 * context.seed);
    // In the middle of the interval that the theory allows, (1/2μ, 3/2L).
    const tau = 0.5 * (1 / (2 * mu) + 3 / (2 * bound(low)));
    const runs = yield* descend(low, r, tau, 'samples of the rank');
    const measured = [
      atMost(
        'ratio of successive changes, largest',
        Math.max(...runs.map((run) => run.ratio)),
        2 * (1 - tau * mu) + 0.05,
      ),
      atMost(
        'distance of limits, relative',
        spreadOf(runs, (run) => run.point.all),
        full ? 1e-8 : 1e-6,
      ),
    ];
    yield { kind: 'progress', label: 'full rank', fraction: 0.6 };
    const whole = whiteSamples(p, n, p, 1000 * context.seed + 1);
    if (full) {
      const wide = 0.5 * (1 / (2 * mu) + 3 / (2 * bound(whole)));
      const [one] = yield* descend(whole, p, wide, 'full rank');
      const convex = ridgeLogistic(whole.X, whole.y, nu * n);
      measured.push(
        atMost('full rank: distance from a convex solver, relative', relative(one.point.label, convex), 1e-8),
      );
    }
    yield {
      kind: 'table',
      title: `${p} coordinates, ${n} samples`,
      columns: ['samples', 'start', 'rank', 'step', 'steps', 'objective', 'largest ratio'],
      rows,
    };
    yield spectrumPicture(runs[0].point, p, n);
    yield verdict(claim('exponential-convergence'), context, measured);
    // Samples that are white in more directions than the rank: each subspace that has A rebuilds them equally well.
    const many = yield* descend(whole, r, tau, 'white in all directions');
    yield {
      kind: 'table',
      title: `White in all ${p} directions, rank ${r}: limits of random starts`,
      columns: ['part', 'distance of limits, relative'],
      rows: [
        ['labels: A and Γ', spreadOf(many, (run) => run.point.label)],
        ['reconstruction: B', spreadOf(many, (run) => run.point.B)],
      ],
    };
    low.X.free();
    whole.X.free();
  },
});

interface Run {
  readonly ratio: number;
  readonly point: { readonly label: Float64Array; readonly B: Float64Array; readonly all: Float64Array };
}

/** (A, Γ), B and all of it from factors. */
function lift(
  W: Float64Array,
  H: Float64Array,
  beta: Float64Array,
  gamma: Float64Array,
  p: number,
  n: number,
  r: number,
) {
  const label = new Float64Array(p + gamma.length);
  for (let i = 0; i < p; i++) for (let k = 0; k < r; k++) label[i] += W[k * p + i] * beta[k];
  label.set(gamma, p);
  const B = new Float64Array(n * p);
  for (let k = 0; k < r; k++) {
    for (let i = 0; i < p; i++) for (let s = 0; s < n; s++) B[i * n + s] += H[k * n + s] * W[k * p + i];
  }
  const all = new Float64Array(label.length + B.length);
  all.set(label);
  all.set(B, label.length);
  return { label, B, all };
}

/** The weights of coordinates in the labels, and how large coordinates are in the reconstruction. */
function spectrumPicture({ label, B }: Run['point'], p: number, n: number): ExperimentEvent {
  const points = Array.from({ length: p }, (_, i) => {
    let square = 0;
    for (let s = 0; s < n; s++) square += B[i * n + s] ** 2;
    return { x: label[i], y: Math.sqrt(square / n) };
  });
  const picture = {
    type: 'scatter',
    xLabel: 'weight in the labels',
    yLabel: 'size in the reconstruction',
    points,
  } as const;
  return { kind: 'picture', title: 'Coordinates of the limit', picture };
}

function relative(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let [off, size] = [0, 0];
  for (let k = 0; k < y.length; k++) {
    off += (x[k] - y[k]) ** 2;
    size += y[k] ** 2;
  }
  return Math.sqrt(off / size);
}

/** Three covariates with a true effect; and documents. */
const covariates = (method: Method): Experiment => ({
  id: 'covariates',
  title: 'Covariates beside the dictionary',
  axes: { x: 'draw', y: 'test deviance of a sample', logY: false },
  claims: [claim('covariates')],
  async *run(context) {
    const full = context.size === 'full';
    const [p, n, draws] = full ? [50, 2000, 5] : [20, 1000, 1];
    const pause = pauses(context);
    const ratios: number[] = [];
    const rows: Cell[][] = [];
    for (let draw = 0; draw < draws; draw++) {
      const study = split(covariateStudy(p, n, 1000 * context.seed + draw), n / 2);
      const { train, test } = study;
      const deviance: number[] = [];
      for (const with_ of [false, true]) {
        const name = with_ ? 'with covariates' : 'without';
        yield { kind: 'progress', label: name, fraction: (draw + (with_ ? 0.5 : 0)) / draws };
        const start = performance.now();
        const fit = await method.estimator({ rank: 3, xi: 0.1, seed: draw, maxIter: 150 }).fitAsync(train.X, train.y, {
          covariates: with_ ? train.covariates : undefined,
          signal: context.signal,
        });
        context.signal?.throwIfAborted();
        const seconds = (performance.now() - start) / 1000;
        const P = fit.predictProba(test.X, { covariates: with_ ? test.covariates : undefined });
        const value = 2 * metrics.logLoss(test.y, P.column(1));
        deviance.push(value);
        rows.push([draw + 1, name, value, fit.reconstructionError, largestCorrelation(fit.codes, train.covariates!)]);
        const work = { seconds: [seconds] };
        yield { kind: 'points', panel: 'deviance', series: name, x: [draw + 1], y: [value], work };
        if (draw === 0) {
          const points = Array.from({ length: test.X.rows }, (_, s) => ({ x: s, y: P.get(s, 1), group: test.y[s] }));
          const picture = { type: 'scatter', xLabel: 'test sample', yLabel: 'probability', points } as const;
          yield { kind: 'picture', title: `Probabilities ${name}`, picture };
        }
        P.free();
        await pause();
      }
      ratios.push(deviance[1] / deviance[0]);
      study.free();
    }
    yield {
      kind: 'table',
      title: `${p} coordinates, ${n / 2} samples`,
      columns: [
        'draw',
        'model',
        'test deviance',
        'reconstruction error',
        'largest correlation of codes and covariates',
      ],
      rows,
    };
    yield verdict(claim('covariates'), context, [
      atMost('test deviance with covariates over that without, mean', mean(ratios), full ? 0.9 : 0.95),
    ]);
    yield* texts(method, context, pause);
  },
});

/** The largest absolute correlation of a code and a covariate. */
function largestCorrelation(H: DenseMatrix, Z: DenseMatrix): number {
  const centred = (x: Float64Array) => {
    const m = mean(Array.from(x));
    const v = x.map((value) => value - m);
    const length = Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
    return v.map((value) => (length > 0 ? value / length : 0));
  };
  let largest = 0;
  for (let k = 0; k < H.cols; k++) {
    const h = centred(H.column(k));
    for (let j = 0; j < Z.cols; j++) {
      const z = centred(Z.column(j));
      largest = Math.max(largest, Math.abs(h.reduce((sum, v, s) => sum + v * z[s], 0)));
    }
  }
  return largest;
}

/** F of few positives among documents of two topics. */
async function* texts(
  method: Method,
  context: ExperimentContext,
  pause: () => Promise<void>,
): AsyncGenerator<ExperimentEvent> {
  const full = context.size === 'full';
  const [n, words] = full ? [2000, 500] : [800, 120];
  const study = split(documents(n, words, 1000 * context.seed + 77), n / 2);
  const { train, test } = study;
  const rows: Cell[][] = [];
  const score = (name: string, P: ArrayLike<number>, threshold: number) => {
    let [hits, alarms, missed] = [0, 0, 0];
    for (let s = 0; s < test.y.length; s++) {
      const found = P[s] >= threshold;
      if (found && test.y[s] === 1) hits++;
      else if (found) alarms++;
      else if (test.y[s] === 1) missed++;
    }
    rows.push([name, (2 * hits) / (2 * hits + alarms + missed), metrics.rocAuc(test.y, P)]);
  };
  yield { kind: 'progress', label: 'documents', fraction: 0.9 };
  await pause();
  const all = classify(train.X, train.y, test.X);
  score('all words', all.P, all.threshold);
  const nmf = plainNmf(train.X, 2, 1);
  const [left, right] = [nmf.filter(train.X), nmf.filter(test.X)];
  const after = classify(left, train.y, right);
  score('factorise, then classify', after.P, after.threshold);
  for (const M of [nmf.W, left, right]) M.free();
  await pause();
  const fit = await method
    .estimator({ rank: 2, xi: 0.01, maxIter: 150, seed: 1 })
    .fitAsync(train.X, train.y, { signal: context.signal });
  context.signal?.throwIfAborted();
  const P = fit.predictProba(test.X);
  score('supervised dictionary, ξ = 0.01', P.column(1), fit.threshold);
  P.free();
  study.free();
  yield {
    kind: 'table',
    title: `${n / 2} documents of ${words} words, 5 % positive`,
    columns: ['method', 'F', 'area under the ROC curve'],
    rows,
  };
}

/** Every experiment with the given methods in place of the library's. */
export const experimentsWith = (method: Method): readonly Experiment[] => [
  digits(method),
  convergence(method),
  covariates(method),
];

export const experiments = experimentsWith(methodOfLibrary);
