import { type Model, quadraticOf } from '@southwell/numerics/expressions';

export type Kind = 'linear' | 'quadratic' | 'nonlinear';

/** A model with its kind. */
export interface KnownModel {
  readonly kind: Kind;
  /** The model without nonlinear parts, if it is linear or quadratic: the same program with an explicit matrix P. */
  readonly model: Model;
}

/** Finds what kind of program a model is, by the formulas of its nonlinear parts. */
export function knownModel(model: Model): KnownModel {
  const terms = quadraticOf(model);
  if (!terms) return { kind: 'nonlinear', model };
  const { constant, q, P, A, offsets, linear } = terms;
  const { rows, objective } = model;
  const plain: Model = {
    ...model,
    objective: { ...objective, constant, linear: q, quadratic: linear ? undefined : P },
    rows: {
      ...rows,
      linear: A,
      lower: rows.lower.map((v, i) => v - offsets[i]),
      upper: rows.upper.map((v, i) => v - offsets[i]),
    },
    nonlinear: undefined,
  };
  return { kind: linear ? 'linear' : 'quadratic', model: plain };
}
