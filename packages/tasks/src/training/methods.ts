import {
  adagrad,
  adamW,
  constantRate,
  cosineDecay,
  linearDecay,
  lowRankAdamW,
  muon,
  oneCycle,
  type Schedule,
  sgd,
  type TrainingOptimiser,
  trion,
} from 'southwell/optimisers';

interface Optimiser {
  readonly title: string;
  /** Default learning rate. */
  readonly rate: number;
  make(rate: Schedule, weightDecay: number): TrainingOptimiser;
}

const optimiser = (
  title: string,
  rate: number,
  make: (options: { readonly rate: Schedule; readonly weightDecay: number }) => TrainingOptimiser,
): Optimiser => ({ title, rate, make: (of, weightDecay) => make({ rate: of, weightDecay }) });

/** Optimisers by name. */
export const optimisers = {
  adamw: optimiser('AdamW', 0.003, adamW),
  sgd: optimiser('gradients with momentum', 0.03, (options) => sgd({ ...options, momentum: 0.9 })),
  muon: optimiser('Muon', 0.05, (options) => muon({ ...options, others: { rateFactor: 0.1 } })),
  adagrad: optimiser('Adagrad', 0.03, adagrad),
  'dct-adamw': optimiser('AdamW with moments of 16 cosines of each matrix', 0.006, (options) =>
    lowRankAdamW({ ...options, rank: 16 }),
  ),
  trion: optimiser('Muon by 16 cosines of each matrix', 0.05, (options) =>
    trion({ ...options, rank: 16, others: { rateFactor: 0.1 } }),
  ),
};

interface Planned {
  readonly rate: number;
  readonly steps: number;
}

/** Learning-rate schedules by name. */
export const schedules = {
  cosine: { title: 'cosine decay', of: (planned: Planned): Schedule => cosineDecay(planned) },
  linear: { title: 'linear decay', of: (planned: Planned): Schedule => linearDecay(planned) },
  'one-cycle': {
    title: 'one cycle',
    of: (planned: Planned): Schedule => oneCycle({ ...planned, steps: Math.max(2, planned.steps) }),
  },
  constant: { title: 'constant', of: ({ rate }: Planned): Schedule => constantRate(rate) },
};

/** What happens to what compressed messages leave out, by name; with `none` it is lost. */
export const feedbacks = {
  econtrol: 'EControl',
  ec: 'error feedback',
  ef21: 'EF21',
  'ef21-sgdm': 'EF21 with momentum',
  none: 'none',
} as const;
