import type * as nn from '@southwell/autodiff/nn';
import { choiceOption, integerOption, numberOption, otherOption } from '@southwell/numerics/core';
import type { Schedule, TrainingOptimiser } from '../optimisers/index.ts';

/** Options that trainings by batches share. */
export const stepRecords = {
  /** Precision of the parameters. Default 'f32'. */
  dtype: choiceOption({ f32: 'single', f64: 'double' } satisfies Record<nn.Precision, string>),
  /** An optimiser for a learning-rate schedule. Default `(rate) => adamW({ rate })`. */
  optimiser: otherOption<(rate: Schedule) => TrainingOptimiser>('a function'),
  /** Maximum learning rate. Default 1e-3. */
  rate: numberOption({ min: 0, finite: true }),
  /** Learning-rate schedule, such as `cosineDecay`. Default: constant. */
  schedule: otherOption<(options: { readonly rate: number; readonly steps: number }) => Schedule>('a function'),
  /** Maximum gradient norm. Default: no clipping. */
  clip: numberOption(
    { min: 0, open: true },
    {
      title: 'Gradient clipping',
      about: 'maximum gradient norm',
      argument: 'norm',
      form: { hint: 'none', advanced: true },
    },
  ),
};

/** Early stopping after so many epochs without improvement on the validation data. */
export const patienceRecord = (about: string) =>
  integerOption(
    { min: 1 },
    { title: 'Patience', about, argument: 'epochs', otherwise: '20', form: { hint: '20', advanced: true } },
  );
