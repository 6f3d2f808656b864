import { aggregationRules, rulesWithFaulty } from 'southwell/distributed-methods';
import { choice, option, text, whole } from '../../declaration/option.ts';
import { feedbacks } from '../methods.ts';

const ranks = 'On ranks:';
const ranked = { group: ranks, form: false } as const;
/** What ranks send each other in place of exact sums of gradients. */
export const rankOptions = {
  compress: option(text(), {
    title: 'Compression of gradients',
    about:
      'compress what ranks send: top-k=K, rand-k=K (a count, or a share of the numbers), sign, qsgd=LEVELS, natural, low-rank=R or f16',
    argument: 'compressor',
    otherwise: 'none: gradients are summed exactly',
    ...ranked,
  }),
  feedback: option(choice(feedbacks), {
    title: 'Error feedback',
    about: 'what happens to what {compress} leaves out: it is sent later, or estimates of gradients are sent',
    argument: 'method',
    default: 'econtrol',
    only: { compress: true },
    ...ranked,
  }),
  aggregate: option(choice(aggregationRules), {
    title: 'Aggregation',
    about:
      'how the gradients of ranks become one: others than the mean limit what faulty or hostile ranks can do, and need every rank to see all of them',
    argument: 'rule',
    default: 'mean',
    ...ranked,
  }),
  faulty: option(whole(0), {
    title: 'Faulty ranks',
    about: 'number of ranks that may be faulty, below half of all',
    argument: 'count',
    only: { aggregate: rulesWithFaulty },
    ...ranked,
  }),
  stragglerCode: option(text(), {
    title: 'Code against slow ranks',
    about:
      'gc=S: the first rank coordinates, and of the others, in groups of S + 1 with the same rows, S may be late in a step; their work is then cancelled',
    argument: 'code',
    otherwise: 'none: every step waits for all ranks',
    without: { compress: true },
    ...ranked,
  }),
  localSteps: option(whole(1), {
    title: 'Local steps',
    about: 'steps that each rank takes by itself before the parameters are averaged, as federated averaging does',
    argument: 'count',
    default: 1,
    without: { average: ['exponential', 'equal'] },
    ...ranked,
  }),
};
