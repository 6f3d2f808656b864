import type { learnVerb } from '@southwell/tasks';
import type { JobRequests } from '../../workers/jobs.ts';
import { check, choice, number, type Values } from '../controls.ts';
import { type Family, optionsOf, shared, sharedDefaults, sharedOptions } from './family.ts';

const hasVariance = (v: Values) => v.method === 'colide' || v.method === 'golem';
const refinable = (v: Values) => !String(v.method).startsWith('topo');

export const structureLearning: Family<'structure-learning'> = {
  id: 'structure-learning',
  title: 'Structure learning',
  about: 'Learns a directed acyclic graph of effects between the columns.',
  controls(table) {
    const { drop, missing, seed } = shared(table, true);
    return [
      choice('method', 'Method', [
        ['colide', 'CoLiDE'],
        ['dagma', 'DAGMA'],
        ['golem', 'GOLEM'],
        ['notears', 'NOTEARS'],
        ['topo', 'TOPO, swaps of orders'],
        ['dagma:logistic', 'DAGMA for binary variables'],
        ['notears:logistic', 'NOTEARS for binary variables'],
        ['topo:logistic', 'TOPO for binary variables'],
        ['notears:mlp', 'NOTEARS with networks, for nonlinear effects'],
        ['topo:mlp', 'TOPO with networks, for nonlinear effects'],
      ]),
      {
        ...choice('variance', 'Noise variances', [
          ['unequal', 'unequal'],
          ['equal', 'equal'],
        ]),
        when: hasVariance,
      },
      { ...number('lambda', 'L1 penalty', '', 0, undefined, false), when: (v) => v.method !== 'topo' },
      number('threshold', 'Leave out edges up to', 0.3, 0, undefined, false),
      drop,
      missing,
      { ...check('refine', 'then swaps of its order'), when: refinable },
      { ...number('bootstrap', 'Resamples, for confidences', '', 1), hint: 'none', more: true },
      seed,
    ];
  },
  asked(v) {
    const [method, score] = String(v.method).split(':');
    return {
      verb: ['graph', 'learn'] satisfies typeof learnVerb,
      defaults: { method: 'colide', score: 'gaussian', threshold: 0.3, ...sharedDefaults },
      options: {
        method,
        score,
        variance: hasVariance(v) ? v.variance : undefined,
        lambda: v.method === 'topo' ? undefined : v.lambda,
        refine: refinable(v) && v.refine,
        threshold: v.threshold,
        bootstrap: v.bootstrap,
        ...sharedOptions(v),
      },
      files: { out: 'edges.csv' },
    };
  },
  request: (asked, data) => ({ data, ...optionsOf(asked) }) as JobRequests['structure-learning'],
};
