import { choiceOption, numberOption } from '@southwell/numerics/core';

/** What losses take beside their names, each where its loss has one of that name. */
export const lossParameters = {
  /** Huber: the residual from which the loss is linear, in units of y. Default 1.35. */
  delta: numberOption(
    { min: 0, open: true },
    {
      title: 'Threshold delta',
      about: 'residual beyond which the loss is linear, in units of the target',
      argument: 'size',
      otherwise: '1.35',
    },
  ),
  /** Quantile: which. Default 0.5. */
  tau: numberOption(
    { min: 0, max: 1, open: true },
    { title: 'Quantile', about: 'quantile to predict', argument: 'share', otherwise: '0.5' },
  ),
  /** Quantile: minimise the pinball loss smoothed so wide, in units of y. Default: the pinball loss itself. */
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
  /** Tweedie: from 1, Poisson, to 2, gamma. Default 1.5. */
  power: numberOption(
    { min: 1, max: 2 },
    {
      title: 'Power',
      about: 'power of the variance function: 1 is Poisson, 2 gamma',
      otherwise: '1.5',
    },
  ),
  /** Cox: default Breslow. */
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
