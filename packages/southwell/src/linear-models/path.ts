import {
  checkGiven,
  checkpointKeys,
  fail,
  finished,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  type RunOptions,
  type Status,
} from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { type FitOptions, fitKeys } from './fit.ts';
import type { FittedModel, LinearModel } from './model.ts';
import { loadAnyModel, saveModel } from './persistence.ts';
import type { PreparedFit } from './prepared.ts';

/** Each alpha is a complete fit, whose model is kept. */
const MOST_ALPHAS = 100_000;

export const gridRecords = {
  /** Alphas in any order; by default nAlphas from alphaMax down to eps·alphaMax, on a logarithmic scale. */
  alphas: otherOption<ArrayLike<number>>('numbers finite and at least 0'),
  /** Default 100. */
  nAlphas: integerOption(
    { min: 1, max: MOST_ALPHAS },
    {
      title: 'Number of alphas',
      about: 'number of alphas on the path',
      otherwise: '100',
      form: { hint: '100', advanced: true },
    },
  ),
  /** Default 1e-3, or 1e-2 if there are fewer rows than columns. */
  eps: numberOption(
    { min: 0, max: 1, open: true },
    {
      title: 'Ratio of alphas (eps)',
      about: 'ratio of the smallest to the largest alpha of the path',
      argument: 'ratio',
      otherwise: '1e-3; 1e-2 for rows < features; ridge 1e-6',
      form: { advanced: true },
    },
  ),
};

export interface PathOptions extends OptionsOf<typeof gridRecords> {}

export const gridKeys = keysOf(gridRecords);

export const DEFAULT_ALPHAS = 100;

/**
 * alphaMax … eps·alphaMax, or the given alphas in descending order.
 * @throws INVALID_PARAMETER.
 */
export function alphaGrid(alphaMax: number, n: number, p: number, options: PathOptions): Float64Array {
  knownKeys('alphaGrid', options, gridKeys);
  if (options.alphas) {
    const out = Float64Array.from(options.alphas).sort().reverse();
    if (out.length === 0) fail('INVALID_PARAMETER', 'alphas is empty: give at least one alpha.');
    for (const a of out)
      if (!(a >= 0 && a < Infinity)) fail('INVALID_PARAMETER', `alphas must be finite and at least 0, not ${a}.`);
    return out;
  }
  checkGiven(gridRecords, options);
  const count = options.nAlphas ?? DEFAULT_ALPHAS;
  const eps = options.eps ?? (n < p ? 1e-2 : 1e-3);
  if (!(alphaMax > 0)) {
    fail(
      'INVALID_PARAMETER',
      'There is no alphaMax to start a path from: the penalty has no L1 part, or no feature is related to the target. Give alphas.',
    );
  }
  if (alphaMax === Number.POSITIVE_INFINITY) {
    fail(
      'NUMERICAL',
      'The largest alpha of the path is beyond what can be computed with (1.8e308): divide the target or the features by a power of ten.',
    );
  }
  return Float64Array.from(
    { length: count },
    (_, k) => alphaMax * elementary.power(eps, count === 1 ? 0 : k / (count - 1)),
  );
}

/** A point of a path, as it is computed. */
export interface PathPoint<M extends FittedModel = LinearModel> {
  readonly alpha: number;
  readonly model: M;
  readonly devianceRatio: number;
}

/** Models along decreasing alpha, with measures of fit and model selection criteria. */
export interface RegularisationPath<M extends FittedModel = LinearModel> {
  readonly alphas: Float64Array;
  readonly models: readonly M[];
  /** 1 − deviance/null deviance: the fraction of the null model's loss that the model explains. */
  readonly devianceRatio: Float64Array;
  readonly aic: Float64Array;
  readonly bic: Float64Array;
  /** Extended BIC with γ = 1 (Chen & Chen 2008): BIC + 2·log C(p, k). */
  readonly ebic: Float64Array;
  /** 'converged' if every point did, else the status of the first that did not. */
  readonly status: Status;
  /**
   * Number of parameters above which models are left out of the choice: half of the rows if a variance is estimated
   * (squared loss), as fits that nearly interpolate have the smallest criteria, whatever the target; else infinite.
   */
  readonly mostParameters: number;
  /** The model with the least criterion; of all, if all have too many parameters. */
  best(criterion: 'aic' | 'bic' | 'ebic'): M;
}

/** The models of a path so far, as plain data. */
export interface PathState {
  readonly models: ReadonlyArray<{ readonly text: string; readonly trace: unknown }>;
  readonly ratios: readonly number[];
  readonly aic: readonly number[];
  readonly bic: readonly number[];
  readonly ebic: readonly number[];
}

/** Options of a path. */
export type PathFit<M extends FittedModel, P> = FitOptions<P> &
  PathOptions & {
    onPoint?: (point: PathPoint<M>, index: number, count: number) => void;
    /**
     * Saves the models at every tenth point. The solver restarts from that point, so that a resumed path is
     * bit-identical to an uninterrupted one with checkpoints; a path without checkpoints may differ in the last bits.
     */
    readonly checkpoint?: RunOptions<P>['checkpoint'];
    readonly resume?: PathState;
  };

export const pathKeys: OptionKeys<PathFit<LinearModel, unknown>> = {
  ...fitKeys,
  ...gridKeys,
  onPoint: true,
  checkpoint: true,
  resume: true,
};

/** Number of points of a path between checkpoints. */
const BOUNDARY = 10;

/**
 * Fits along decreasing alphas, each from the last solution; stops early, keeping the completed part, if a fit is
 * aborted, out of time or diverged. `open` binds the data, and may be called repeatedly.
 */
export function fitPath<M extends FittedModel, P>(
  open: () => PreparedFit<M, P>,
  options: PathFit<M, P>,
): RegularisationPath<M> {
  const { checkpoint, resume, onPoint } = options;
  knownKeys('checkpoint', checkpoint, checkpointKeys);
  const { from: first, ...watch } = only<FitOptions<P>>(options, fitKeys);
  const every = checkpoint?.every ?? 0;
  let prepared = open();
  try {
    const { rows: n, cols: p } = prepared;
    const alphas = alphaGrid(prepared.alphaMax, n, p, only<PathOptions>(options, gridKeys));
    const path = new Path<M>(alphas, mostOf(prepared), resume);
    prepared.plan?.(alphas.length);
    let saved = Number.NEGATIVE_INFINITY;
    for (let k = path.models.length; k < alphas.length; k++) {
      let from = k === 0 ? first : undefined;
      if ((checkpoint || resume) && k > 0 && k % BOUNDARY === 0) {
        from = prepared.pointOf(path.models[k - 1]);
        if (checkpoint && k > (resume?.models.length ?? 0) && performance.now() / 1000 - saved >= every) {
          checkpoint.save(path.state(), k);
          saved = performance.now() / 1000;
        }
        prepared.release();
        prepared = open();
        prepared.plan?.(alphas.length);
      }
      const model = prepared.model(alphas[k], { ...watch, from });
      const devianceRatio = path.add(model, prepared);
      onPoint?.({ alpha: alphas[k], model, devianceRatio }, k, alphas.length);
      if (model.status === 'aborted' || model.status === 'diverged' || model.status === 'time-limit') break;
    }
    return path.whole();
  } finally {
    prepared.release();
  }
}

const mostOf = ({
  gaussian,
  rows,
  targets,
}: Pick<PreparedFit<never, never>, 'gaussian' | 'rows' | 'targets'>): number =>
  gaussian ? (rows * targets) / 2 : Number.POSITIVE_INFINITY;

/** A path under construction. */
class Path<M extends FittedModel> {
  readonly models: M[] = [];
  private readonly ratios: number[];
  private readonly criteria: { readonly aic: number[]; readonly bic: number[]; readonly ebic: number[] };

  /** @param most Number of parameters above which a model is left out of the choice. */
  constructor(
    private readonly alphas: Float64Array,
    private readonly most: number,
    resume?: PathState,
  ) {
    const { models = [], ratios = [], aic = [], bic = [], ebic = [] } = resume ?? {};
    for (const { text, trace } of models) {
      const { model } = loadAnyModel(text);
      Object.assign(model.report, { trace });
      this.models.push(model as unknown as M);
    }
    this.ratios = [...ratios];
    this.criteria = { aic: [...aic], bic: [...bic], ebic: [...ebic] };
  }

  /** Adds the next model, whose loss is in `data`; returns its deviance ratio. */
  add(model: M, data: Omit<PreparedFit<M, unknown>, 'model' | 'advance' | 'pointOf'>): number {
    const { rows: n, cols: p, targets, channels, gaussian, nullValue, lossValue } = data;
    const observations = n * targets;
    const devianceRatio = nullValue > 0 ? 1 - lossValue / nullValue : 0;
    this.models.push(model);
    this.ratios.push(devianceRatio);
    // −2 log-likelihood up to a constant: n log(RSS/n) with the variance profiled out (squared), else 2n × mean loss.
    const deviance = gaussian
      ? observations * Math.log(Math.max((2 * lossValue) / targets, Number.MIN_VALUE))
      : 2 * n * lossValue;
    const bic = deviance + Math.log(observations) * model.parameterCount;
    this.criteria.aic.push(deviance + 2 * model.parameterCount);
    this.criteria.bic.push(bic);
    this.criteria.ebic.push(bic + 2 * logChoose(p * channels, model.activeCount));
    return devianceRatio;
  }

  state(): PathState {
    return pathState(this.whole());
  }

  whole(): RegularisationPath<M> {
    const { models, criteria, most } = this;
    return {
      alphas: this.alphas.slice(0, models.length),
      models,
      devianceRatio: Float64Array.from(this.ratios),
      aic: Float64Array.from(criteria.aic),
      bic: Float64Array.from(criteria.bic),
      ebic: Float64Array.from(criteria.ebic),
      status: models.find((m) => !finished(m.status))?.status ?? 'converged',
      mostParameters: most,
      best(criterion) {
        return leastOf(criteria[criterion], models, most);
      },
    };
  }
}

/** The path of relaxed models at another gamma, for the data that they were fitted to. At most O(np) per point. */
export function blendedPath<M extends FittedModel, P>(
  { alphas, models }: RegularisationPath<M>,
  data: PreparedFit<M, P>,
  gamma: number,
): RegularisationPath<M> {
  const path = new Path<M>(alphas, mostOf(data));
  for (const model of models) path.add(data.blend!(model, gamma), data);
  return path.whole();
}

/** The model with the least criterion, of those with at most so many parameters; the first if none has. */
export function leastOf<M extends FittedModel>(criterion: readonly number[], models: readonly M[], most: number): M {
  let best = -1;
  models.forEach((model, k) => {
    if (model.parameterCount <= most && !(criterion[k] >= criterion[best])) best = k;
  });
  return models[Math.max(0, best)];
}

/** A path as plain data. */
export function pathState<M extends FittedModel>(path: RegularisationPath<M>): PathState {
  const models = (path.models as unknown as readonly LinearModel[]).map((model) => ({
    text: saveModel(model),
    trace: model.report.trace,
  }));
  const { devianceRatio, aic, bic, ebic } = path;
  return { models, ratios: [...devianceRatio], aic: [...aic], bic: [...bic], ebic: [...ebic] };
}

/** log C(n, k) as a sum of logarithms, accurate to rounding for typical model sizes. O(min(k, n−k)). */
function logChoose(n: number, k: number): number {
  const small = Math.min(k, n - k);
  let sum = 0;
  for (let i = 1; i <= small; i++) sum += Math.log((n - small + i) / i);
  return sum;
}
