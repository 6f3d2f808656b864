import { type Design, pairsOf, widthOf } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import {
  type AnyModel,
  type CrossValidation,
  LinearModel,
  leastOf,
  type RegularisationPath,
} from 'southwell/linear-models';
import { grouped } from '../format.ts';

/**
 * Interactions that enter only together with both of their features (strong hierarchy), by a group lasso with
 * overlapping groups (Lim & Hastie 2015, glinternet): each feature is a group, and so is each product together with
 * copies of its two features. A coefficient is the sum of those of its column and of all copies, so that a product
 * never enters without its features.
 */
export interface Overlap {
  /** The columns of the design, then for each group its copies and products. */
  readonly X: DenseMatrix;
  /** The group of each column. */
  readonly groups: readonly string[];
  /** For each column, the column of the design that it is a copy of. */
  readonly source: Int32Array;
}

/** Maximum number of values in the matrix: a gibibyte of doubles. */
const MOST = 2 ** 27;

/** The overlapping groups of a design with products. Throws a sentence if the copies would take too much memory. */
export function overlapOf({ X, encoding, featureNames }: Design, table: string): Overlap {
  const { features } = encoding;
  const starts: number[] = [];
  let columns = 0;
  for (const feature of features) {
    starts.push(columns);
    columns += widthOf(feature);
  }
  const productAt = new Map(pairsOf(features).map(([i, j], k) => [i * columns + j, columns + k]));
  const range = (k: number) => Array.from({ length: widthOf(features[k]) }, (_, c) => starts[k] + c);
  const source: number[] = [];
  const groups: string[] = [];
  const add = (group: string, from: readonly number[]) => {
    source.push(...from);
    groups.push(...from.map(() => group));
  };
  for (const k of features.keys()) add(`feature ${k}`, range(k));
  for (const k of features.keys()) {
    for (let l = k + 1; l < features.length; l++) {
      const [left, right] = [range(k), range(l)];
      const products = left.flatMap((i) => right.map((j) => productAt.get(i * columns + j)!));
      add(`product ${k} ${l}`, [...left, ...right, ...products]);
    }
    if (X.rows * source.length > MOST) {
      fail(
        'INVALID_PARAMETER',
        `${table}: the ${grouped(featureNames.length)} features and products with their copies are more than a gibibyte. Name fewer features, or leave some out.`,
      );
    }
  }
  const dense = X.kind === 'dense' ? X : X.toDense();
  const out = DenseMatrix.create(X.rows, source.length);
  source.forEach((j, c) => {
    out.column(c).set(dense.column(j));
  });
  return { X: out, groups, source: Int32Array.from(source) };
}

/** Makes the copies of the matrix of every fold. */
export const copiesOf = <A extends readonly unknown[]>(
  matrixOf: ((...args: A) => Design['X']) | undefined,
  design: Design,
  table: string,
) =>
  matrixOf &&
  ((...args: A) => {
    const X = matrixOf(...args);
    const copies = overlapOf({ ...design, X }, table);
    X.free();
    return copies.X;
  });

/** Converts a model of the copies to one of the design. */
function collapsed(model: AnyModel, source: Int32Array, names: readonly string[]): LinearModel {
  if (!(model instanceof LinearModel)) throw new Error('A group lasso has one response.');
  const coef = new Float64Array(names.length);
  const { indices, values } = model.sparseCoef;
  indices.forEach((c, k) => {
    coef[source[c]] += values[k];
  });
  const { loss, link, intercept, alpha, report, classes } = model;
  return new LinearModel(loss, link, coef, intercept, alpha, report, classes, names);
}

/** Converts the results of a fit to the copies to those of the design: models, path and folds. */
export function collapsing(
  { source }: Pick<Overlap, 'source'>,
  names: readonly string[],
): {
  model(of: AnyModel): AnyModel;
  path(of: RegularisationPath<AnyModel>): RegularisationPath<AnyModel>;
  folds(of: CrossValidation<AnyModel>): CrossValidation<AnyModel>;
} {
  const model = (of: AnyModel) => collapsed(of, source, names);
  const path = (of: RegularisationPath<AnyModel>): RegularisationPath<AnyModel> => {
    const models = of.models.map(model);
    // Criteria are linear in the number of parameters, in which copies do not count.
    const counted = (values: Float64Array, each: (k: number) => number) =>
      values.map((v, k) => v + each(k) * (models[k].parameterCount - of.models[k].parameterCount));
    const deviance = of.aic.map((v, k) => v - 2 * of.models[k].parameterCount);
    const perParameter = (k: number) => (of.bic[k] - deviance[k]) / (of.models[k].parameterCount || 1);
    const criteria = {
      aic: counted(of.aic, () => 2),
      bic: counted(of.bic, perParameter),
      // That of the copies; it is not used for model selection here.
      ebic: of.ebic,
    };
    return {
      ...of,
      ...criteria,
      models,
      best: (criterion) => leastOf([...criteria[criterion]], models, of.mostParameters),
    };
  };
  return {
    model,
    path,
    folds(of) {
      const whole = path(of.path);
      const { models } = whole;
      return { ...of, path: whole, best: models[of.bestIndex], oneStandardError: models[of.oneStandardErrorIndex] };
    },
  };
}
