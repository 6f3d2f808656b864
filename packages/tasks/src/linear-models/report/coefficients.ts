import type { Columns } from '../../declaration/columns.ts';
import type { FitResult } from '../result.ts';

/**
 * All coefficients of a fit as columns, including zeros: first the intercepts, then feature by feature in the order of
 * the matrix, with all responses of a feature together. The standardised value of an intercept is empty.
 */
export function everyCoefficient({ model, modelText }: Pick<FitResult, 'model' | 'modelText'>): Columns {
  const { featureNames } = JSON.parse(modelText) as { featureNames: string[] };
  const several = typeof model.intercept !== 'number';
  const responses = typeof model.intercept === 'number' ? [undefined] : Object.keys(model.intercept);
  const constants = typeof model.intercept === 'number' ? [model.intercept] : Object.values(model.intercept);
  const key = (name: string, response: string | undefined) => JSON.stringify([name, response ?? null]);
  const found = new Map(model.coefficients.map((c) => [key(c.name, c.response), c]));
  const rows = featureNames.flatMap((name) =>
    responses.map((response) => {
      const { value = 0, perSd = 0 } = found.get(key(name, response)) ?? {};
      return { name, response, value, perSd };
    }),
  );
  const first = responses.map((response, r) => ({ name: '(intercept)', response, value: constants[r], perSd: null }));
  const all = [...first, ...rows];
  return {
    feature: all.map((c) => c.name),
    ...(several && { response: all.map((c) => c.response!) }),
    coefficient: all.map((c) => c.value),
    'per standard deviation': all.map((c) => c.perSd),
  };
}
