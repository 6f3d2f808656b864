import { choiceOption, numberOption } from '@southwell/numerics/core';

/** Parameters of losses; a loss takes those that it names. */
export const lossParameters = {
  /** Huber: residual beyond which the loss is linear, in units of y. Default 1.35. */
  delta: numberOption(
    { min: 0, open: true },
    {
      title: 'Threshold delta',
      about: 'residual beyond which the loss is linear, in units of the target',
      argument: 'size',
      otherwise: '1.35',
    },
  ),
  /** Quantile: the quantile. Default 0.5. */
  tau: numberOption(
    { min: 0, max: 1, open: true },
    { title: 'Quantile', about: 'quantile to predict', argument: 'level', otherwise: '0.5' },
  ),
  /** Quantile: width over which the pinball loss is smoothed, in units of y. Default: not smoothed. */
  smoothing: numberOption(
    { min: 0, open: true },
    {
      title: 'Smoothing width',
      about: 'width over which the pinball loss is smoothed, in units of the target',
      argument: 'width',
      otherwise: 'not smoothed',
      form: { advanced: true },
    },
  ),
  /** Tweedie: from 1 (Poisson) to 2 (gamma). Default 1.5. */
  power: numberOption(
    { min: 1, max: 2 },
    {
      title: 'Power',
      about: 'power of the variance function: 1 is Poisson, 2 gamma',
      otherwise: '1.5',
    },
  ),
  /** Cox: treatment of tied event times. Default breslow. */
  ties: choiceOption(
    { breslow: 'Breslow', efron: 'Efron' },
    {
      title: 'Ties',
      about: 'handling of tied event times; Efron is closer to the exact likelihood, Breslow is faster',
      argument: 'method',
      otherwise: 'breslow',
    },
  ),
};
