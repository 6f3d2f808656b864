import { readingOptions, timeLimitOption } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { choice, column, option, positive, real, whole } from '../../declaration/option.ts';
import type { RequestOf } from '../../declaration/task.ts';

const group = 'The run:';

export const gossipInputs = {
  data: table('links of a graph, one a row: the names of two nodes, and a rate or a cost if there is one'),
};

const columnOption = (title: string, about: string, otherwise: string) =>
  option(column(), { title, about, otherwise, form: { advanced: true } });

export const gossipOptions = {
  from: columnOption('First node', 'column with the first node of each link', 'the first column'),
  to: columnOption('Second node', 'column with the second node of each link', 'the next column'),
  rate: columnOption(
    'Rates',
    'column with the present rates of links, to compare with; only their proportions count',
    'a column called rate or weight, if there is one',
  ),
  cost: columnOption(
    'Costs',
    'column with the costs of a communication over each link',
    'a column called cost, if there is one; else all cost the same',
  ),
  objective: option(
    choice({ chi1chi2: 'fewest communications of DADAO', lambda2: 'fastest averaging of neighbours' }),
    {
      title: 'Objective',
      about: 'what rates are chosen for',
      argument: 'objective',
      default: 'chi1chi2',
    },
  ),
  ...readingOptions,
  tol: option(positive(), {
    title: 'Tolerance',
    about:
      'tolerance on the gap between the objective and its lower bound, both logarithms: about twice the relative error of the communications',
    argument: 'tolerance',
    default: 0.01,
    group,
    form: { advanced: true },
  }),
  simulate: option(real(1), {
    title: 'Simulate with condition',
    about: 'also count what DADAO needs with these rates, for functions of this condition number on the nodes',
    argument: 'condition',
    otherwise: 'no simulation',
    group,
    form: { advanced: true },
  }),
  seed: option(whole(0), {
    title: 'Seed',
    about: 'random numbers of the simulation',
    default: 0,
    only: { simulate: true },
    group,
    form: { advanced: true },
  }),
  timeLimit: timeLimitOption('stop after this long, with the best rates so far', group),
};

export type GossipRequest = RequestOf<typeof gossipInputs, typeof gossipOptions>;
