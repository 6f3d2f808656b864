import { defineTask, type Family } from '../declaration/task.ts';
import { compare } from './compare.ts';
import { csv, dot, graphml } from './formats.ts';
import { learnJob } from './job.ts';
import { learnerOf, methodsWith, type ScoreName } from './methods.ts';
import { type LearnRequest, learnInputs, learnOptions } from './options.ts';
import { generatedGraph, knownGraph, ownGraph } from './race.ts';
import { learnResult } from './result.ts';
import { graphSvg } from './svg.ts';
import { learnView } from './view.ts';

const scores = ['gaussian', 'logistic', 'mlp'] as const satisfies readonly ScoreName[];

const learn = defineTask({
  title: 'Causal graph',
  verb: ['graph', 'learn'],
  about: 'Learn a directed acyclic graph of causal effects between columns.',
  examples: [
    'graph learn bundled:diabetes --standardize --out edges.csv --svg graph.svg',
    'graph learn cells.csv --variance equal --lambda 0.1 --bootstrap 50',
    'graph learn cells.csv --bootstrap 500 --ranks 4',
    'graph learn cells.csv --method topo --drop id --out graph.graphml',
    'graph learn answers.csv --method notears --score logistic',
    'graph learn cells.csv --method golem --refine',
  ],
  inputs: learnInputs,
  options: learnOptions,
  checks: [
    ...scores.map((score) => ({
      wrong: (r: LearnRequest) => r.score === score && !learnerOf(r.method, score),
      say: `{score} ${score} requires {method} ${methodsWith(score).join(', ')}.`,
    })),
    {
      wrong: (r) => r.lambda !== undefined && learnerOf(r.method, r.score)!(r).lambda === undefined,
      say: '{lambda} is the weight of a penalty, which this {method} with this {score} does not have.',
    },
  ],
  result: learnResult,
  ranks: { bootstrap: true },
  outputs: {
    out: {
      about: 'the edges, as .csv, .graphml or .dot',
      formats: {
        csv: { file: 'edges.csv', type: 'text/csv', text: csv },
        graphml: { file: 'graph.graphml', type: 'application/xml', text: graphml },
        dot: { file: 'graph.dot', type: 'text/plain', text: dot },
      },
      holds: [],
      json: 'out',
    },
    svg: {
      file: 'graph.svg',
      about: 'picture of the graph',
      type: 'image/svg+xml',
      text: graphSvg,
      holds: [],
      json: 'svg',
    },
  },
  interrupted: { kept: 'the graph so far is', none: 'was a graph' },
  job: learnJob,
  view: learnView,
});

export const structureLearning: Family = {
  id: 'structure-learning',
  title: 'Structure learning',
  goal: 'Find causes',
  about: 'Causal graphs: learn one from a table, compare two.',
  tasks: [learn, compare],
  races: [generatedGraph, ownGraph, knownGraph],
};
