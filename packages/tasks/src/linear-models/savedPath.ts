import { type AnyModel, LinearModel, MultiResponseModel, type RegularisationPath } from 'southwell/linear-models';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';

/** A model of a path as stored in a file, by response: intercepts and non-zero coefficients. */
interface StoredPoint {
  readonly alpha: number;
  readonly intercepts: readonly number[];
  readonly coef: ReadonlyArray<{ readonly columns: readonly number[]; readonly values: readonly number[] }>;
  /** Cox models only, by stratum: logarithms of the cumulative baseline hazard at the model's event times. */
  readonly hazards?: ReadonlyArray<readonly number[]>;
}

/** The models of a path, alphas descending; only the number of coefficients if they were too many to store. */
export type StoredPath = { readonly points: readonly StoredPoint[] } | { readonly left: number };

/** Maximum number of coefficients of a path in a file, and of its baseline hazards: about forty megabytes of text. */
const MOST = 1_000_000;

const vectorsOf = (model: AnyModel) => (model instanceof LinearModel ? [model.sparseCoef] : model.sparseCoef);
const interceptsOf = (model: AnyModel) => (model instanceof LinearModel ? [model.intercept] : [...model.intercepts]);

/** A path in the form stored in a model file. */
export function storedPath({ models }: RegularisationPath<AnyModel>): StoredPath {
  const all = models.reduce((sum, model) => sum + model.activeCount, 0);
  if (all > MOST) return { left: all };
  const hazards = models.map((model) =>
    model instanceof LinearModel ? model.baselineHazard?.map(({ logCumulative }) => [...logCumulative]) : undefined,
  );
  const few = hazards.reduce((sum, one) => sum + (one?.flat().length ?? 0), 0) <= MOST;
  const points = models.map((model, k) => ({
    alpha: model.alpha,
    intercepts: interceptsOf(model),
    coef: vectorsOf(model).map(({ indices, values }) => ({ columns: [...indices], values: [...values] })),
    ...(few && hazards[k] && { hazards: hazards[k] }),
  }));
  return { points };
}

const plain = (alpha: number): string => String(Number(alpha.toPrecision(9)));

/** Relative tolerance within which alphas are equal. */
const SAME = 1e-9;

/**
 * The model of a path at an alpha. Between two alphas of the path, intercepts, coefficients and the logarithm of the
 * baseline hazard are interpolated linearly in alpha (as in glmnet's `predict` with `exact` false), with a note. Throws
 * a sentence for an alpha outside of the path, and for a model without a path at any but its own alpha. O(features).
 */
export function modelAt(model: AnyModel, path: StoredPath | undefined, alpha: number): [AnyModel, note?: string] {
  const near = (a: number) => Math.abs(a - alpha) <= SAME * Math.max(a, alpha);
  if (near(model.alpha)) return [model];
  if (!path || 'left' in path) {
    const why = path
      ? `its path has ${count(path.left, 'coefficient')}, too many to keep in a file`
      : 'it was saved without a path: southwell fit --path or --cv keeps one';
    throw new RequestError(`The model knows no other alpha than ${plain(model.alpha)}, as ${why}.`);
  }
  const { points } = path;
  const exact = points.find((point) => near(point.alpha));
  if (exact) return [between(model, exact.alpha, exact, exact, 1)];
  const right = points.findIndex((point) => point.alpha < alpha);
  if (right < 1) {
    const [first, last] = [points[0], points[points.length - 1]].map((point) => plain(point.alpha));
    throw new RequestError(
      `{alpha} ${alpha} lies outside of the path that was fitted, which goes from ${first} down to ${last}.`,
    );
  }
  const [large, small] = [points[right - 1], points[right]];
  const share = (alpha - small.alpha) / (large.alpha - small.alpha);
  const note = `The path has no model at alpha ${alpha}: the coefficients lie between those at ${plain(large.alpha)} and ${plain(small.alpha)}, linearly in alpha.`;
  return [between(model, alpha, large, small, share), note];
}

/** The weighted average of two points; `share` is the weight of the first. */
function between(of: AnyModel, alpha: number, a: StoredPoint, b: StoredPoint, share: number): AnyModel {
  const length = vectorsOf(of)[0].length;
  const coef = a.coef.map((first, r) => {
    const out = new Float64Array(length);
    first.columns.forEach((j, k) => {
      out[j] += share * first.values[k];
    });
    b.coef[r].columns.forEach((j, k) => {
      out[j] += (1 - share) * b.coef[r].values[k];
    });
    return out;
  });
  const intercepts = a.intercepts.map((v, r) => share * v + (1 - share) * b.intercepts[r]);
  return of instanceof LinearModel
    ? new LinearModel(
        of.loss,
        of.link,
        coef[0],
        intercepts[0],
        alpha,
        of.report,
        of.classes,
        of.featureNames,
        hazardsBetween(of, a, b, share),
      )
    : new MultiResponseModel(
        of.loss,
        coef,
        Float64Array.from(intercepts),
        alpha,
        of.report,
        of.classes,
        of.featureNames,
      );
}

function hazardsBetween(of: LinearModel, a: StoredPoint, b: StoredPoint, share: number): LinearModel['baselineHazard'] {
  const [first, second] = [a.hazards, b.hazards];
  if (!of.baselineHazard || !first || !second) return undefined;
  return of.baselineHazard.map((one, s) => ({
    ...one,
    logCumulative: one.times.map((_, k) => share * first[s][k] + (1 - share) * second[s][k]),
  }));
}
