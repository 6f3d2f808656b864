import { aggregationRules } from 'southwell/distributed-methods';
import { choice, option, positive, real, whole } from '../declaration/option.ts';
import { feedbacks } from '../training/methods.ts';

/** Compressors of a run, as `--compress` spells them, with their titles. */
const compressors = {
  none: 'none: all numbers',
  'top-k=0.1': 'largest tenth of the numbers',
  'top-k=0.01': 'largest hundredth of the numbers',
  'rand-k=0.1:unscaled': 'random tenth of the numbers',
  sign: 'signs and one length',
  'low-rank=2': 'low rank, 2',
} as const;

/** What hostile ranks send, by the name of the attack. */
export const attackTitles = {
  none: 'none',
  reverse: 'gradients reversed',
  random: 'noise',
  drop: 'gradients without most entries',
  littleIsEnough: 'little is enough',
  fallOfEmpires: 'fall of empires',
} as const;

/** Most ranks of a picture. */
const MOST_RANKS = 32;

/** The options of a simulated run on several ranks. */
export const rankRunOptions = {
  ranks: option(whole(2, MOST_RANKS), {
    title: 'Ranks',
    about: 'number of ranks, each with data of its own',
    argument: 'count',
    default: 8,
  }),
  compress: option(choice(compressors), {
    title: 'Compression',
    about: 'what ranks send of their gradients',
    argument: 'compressor',
    default: 'top-k=0.1',
  }),
  feedback: option(choice(feedbacks), {
    title: 'Error feedback',
    about: 'what happens to what {compress} leaves out',
    argument: 'method',
    default: 'econtrol',
    only: { compress: Object.keys(compressors).filter((name) => name !== 'none'), aggregate: ['mean'] },
  }),
  aggregate: option(choice(aggregationRules), {
    title: 'Aggregation',
    about: 'how the gradients of ranks become one',
    argument: 'rule',
    default: 'mean',
  }),
  attack: option(choice(attackTitles), {
    title: 'Attack',
    about: 'what hostile ranks send in place of their gradients',
    argument: 'name',
    default: 'none',
  }),
  hostile: option(whole(1, MOST_RANKS), {
    title: 'Hostile ranks',
    about: 'number of ranks that attack, the last ones',
    argument: 'count',
    default: 1,
    only: { attack: Object.keys(attackTitles).filter((name) => name !== 'none') },
  }),
  slow: option(real(1, 100), {
    title: 'One rank is slower, times',
    about: 'factor by which work and sending of rank 1 take longer',
    argument: 'factor',
    default: 3,
  }),
  latency: option(real(0, 1000), {
    title: 'Latency, ms',
    about: 'milliseconds that a message takes besides its bytes',
    argument: 'ms',
    default: 0.2,
  }),
  bandwidth: option(positive(), {
    title: 'Bandwidth, MB/s',
    about: 'megabytes that a rank sends in a second',
    argument: 'MB/s',
    default: 1,
  }),
  rounds: option(whole(1, 400), {
    title: 'Rounds',
    about: 'number of gradients of each rank',
    argument: 'count',
    default: 60,
  }),
  rate: option(real(0.001, 2), {
    title: 'Step size',
    about: 'step size, where the largest curvature is 1',
    argument: 'number',
    default: 0.4,
    form: { advanced: true },
  }),
  clocks: option(real(0, 1000), {
    title: 'Clocks differ by, ms',
    about: 'standard deviation of the offsets of the clocks of ranks, in milliseconds',
    argument: 'ms',
    default: 2,
    form: { advanced: true },
  }),
  loss: option(real(0, 0.5), {
    title: 'Share of attempts that fail',
    about: 'probability that a message has to be sent again',
    argument: 'share',
    default: 0,
    form: { advanced: true },
  }),
  seed: option(whole(0), {
    title: 'Seed',
    about: 'seed of the data, the compressor and the network',
    argument: 'seed',
    default: 0,
    form: { advanced: true },
  }),
};
