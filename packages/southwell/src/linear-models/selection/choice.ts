/** Mean scores and their standard errors over folds, for every alpha at one gamma. */
interface Summary {
  readonly mean: Float64Array;
  readonly standardError: Float64Array;
}

/** The points chosen by the two rules, as indices of alpha and gamma. */
export interface Choice {
  /** One per gamma. */
  readonly summaries: readonly Summary[];
  readonly best: Place;
  readonly oneStandardError: Place;
}

export interface Place {
  readonly alpha: number;
  readonly gamma: number;
}

/**
 * Summarises scores over folds (alpha k and gamma g at k·gammas + g, alphas descending and gammas ascending), and
 * chooses two points: the best score, and the largest alpha, then gamma, within one standard error of it, as cv.glmnet
 * with `relax` does. `better` is 1 if larger scores are better, otherwise −1. Without folds the last alpha is chosen.
 */
export function choiceOf(folds: readonly Float64Array[], points: number, gammas: number, better: 1 | -1): Choice {
  const summaries = Array.from({ length: gammas }, (_, g) => summaryOf(folds, points, gammas, g));
  const places = Array.from({ length: points * gammas }, (_, at) => ({
    alpha: Math.floor(at / gammas),
    gamma: gammas - 1 - (at % gammas),
  }));
  const mean = ({ alpha, gamma }: Place) => better * summaries[gamma].mean[alpha];
  let best = folds.length > 0 ? places[0] : { alpha: points - 1, gamma: gammas - 1 };
  if (folds.length > 0) for (const place of places) if (mean(place) > mean(best)) best = place;
  const limit = mean(best) - summaries[best.gamma].standardError[best.alpha];
  const oneStandardError = folds.length > 0 ? (places.find((place) => mean(place) >= limit) ?? best) : best;
  return { summaries, best, oneStandardError };
}

function summaryOf(folds: readonly Float64Array[], points: number, gammas: number, g: number): Summary {
  const mean = new Float64Array(points).fill(Number.NaN);
  const standardError = new Float64Array(points).fill(Number.NaN);
  for (let k = 0; k < points && folds.length > 0; k++) {
    const values = folds.map((f) => f[k * gammas + g]).filter((v) => !Number.isNaN(v));
    mean[k] = values.reduce((a, b) => a + b, 0) / values.length;
    // Divided by the largest deviation, as its square may overflow or underflow: scores of 1e200 and 1e-200 are
    // possible.
    const unit = values.reduce((a, b) => Math.max(a, Math.abs(b - mean[k])), 0) || 1;
    const variance = values.reduce((a, b) => a + ((b - mean[k]) / unit) ** 2, 0) / Math.max(1, values.length - 1);
    standardError[k] = unit * Math.sqrt(variance / values.length);
  }
  return { mean, standardError };
}
