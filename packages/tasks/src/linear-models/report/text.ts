import { linearModels } from 'southwell/linear-models';
import { count, grouped, number, printable } from '../../format.ts';
import type { Coefficient, FitResult } from '../result.ts';

/** Intercepts as text. */
export const interceptText = (intercept: FitResult['model']['intercept']): string =>
  typeof intercept === 'number'
    ? `intercept ${number(intercept)}`
    : `intercepts ${Object.entries(intercept)
        .map(([response, b]) => `${response} ${number(b)}`)
        .join(', ')}`;

/** The label of a coefficient: its feature, and its class or target if there are several. */
export const coefficientName = ({ name, response }: Pick<Coefficient, 'name' | 'response'>): string =>
  response === undefined ? name : `${name} → ${response}`;

/** '1 stratum', '2 strata'. */
export const strataText = (n: number): string => (n === 1 ? '1 stratum' : `${grouped(n)} strata`);

/** What the survival curves belong to. */
export const survivalText = ({ data }: FitResult): string =>
  data.strata === undefined
    ? 'at quartiles of the linear predictor'
    : 'of each stratum, at the median of the linear predictor';

/** A one-sentence summary of the result. */
export function headline(r: FitResult): string {
  const { holdout } = r;
  if (!holdout) return fitLine(r);
  const { score } = holdout;
  const how = score ? `: ${score.name} ${number(score.value)}` : '';
  return `${fitLine(r)} On ${count(score?.rows ?? holdout.predicted, 'row')} held out${how || ' there is no score'}.`;
}

function fitLine(r: FitResult): string {
  const { data, model, fit, crossValidation: cv, path } = r;
  const kept = `${model.title} keeps ${model.active} of ${count(data.features, 'feature')} of ${data.name}`;
  const gamma = model.gamma === undefined ? '' : `, gamma = ${number(model.gamma)}`;
  const at = linearModels[model.kind]?.penalised === false ? '' : ` at alpha = ${number(model.alpha)}${gamma}`;
  if (cv) {
    const point = cv.rule === '1se' ? cv.oneStandardError : cv.min;
    const rule = cv.rule === '1se' ? 'one-standard-error rule' : 'best score';
    return `${kept}${at} (${rule}); ${foldsText(cv)} cross-validated ${scoreName(cv.scoring)} ${number(point.score)} ± ${number(point.standardError, 2)}.`;
  }
  if (path) {
    const i = path.alphas.indexOf(model.alpha);
    return `${kept}${at} (smallest ${path.chosenBy === 'ebic' ? 'extended BIC' : 'BIC'} on the path), explaining ${number(100 * path.devianceRatio[i], 3)} % of the deviance.`;
  }
  // The certificate and the objective belong to the penalised part of a blend.
  const of = model.gamma === undefined || model.gamma === 1 ? '' : ' of the penalised part';
  return `${kept}${at}; objective${of} ${number(fit.objective, 6)}.`;
}

/** `10-fold`, or the column that defines the folds. */
const foldsText = ({ folds, foldColumn }: NonNullable<FitResult['crossValidation']>): string =>
  foldColumn === undefined ? `${folds}-fold` : `${folds}-fold (by ${printable(foldColumn)})`;

const SCORES: Readonly<Record<string, string>> = {
  deviance: 'mean loss',
  mse: 'mean squared error',
  mae: 'mean absolute error',
  r2: 'R²',
  logLoss: 'log-loss',
  error: 'error rate',
  accuracy: 'accuracy',
  rocAuc: 'area under ROC',
  concordance: 'concordance',
};

export function scoreName(scoring: string): string {
  return SCORES[scoring] ?? scoring;
}
