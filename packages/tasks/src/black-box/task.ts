import { defineTask, type Family } from '../declaration/task.ts';
import { minimizeSvg } from './drawn/svg.ts';
import { expressionRace } from './expressionRace.ts';
import { minimizeJob } from './job.ts';
import { minimizeChecks, minimizeInputs, minimizeOptions } from './options.ts';
import { bbobRace } from './race.ts';
import { minimizeResult } from './result.ts';
import { minimizeView } from './view.ts';

const minimize = defineTask({
  title: 'Minimise a function',
  verb: ['minimize'],
  about: 'Minimise an expression, a program or a test function from its values, without derivatives.',
  examples: [
    'minimize rosenbrock --dim 10',
    'minimize bbob:21 --dim 5 --restarts all --target -1e3',
    "minimize '(1-x)^2 + 100*(y-x^2)^2' --lower -2 --upper 2 --svg levels.svg",
    "minimize --command './simulate {x}' --lower 0,0 --upper 1,10 --jobs 2 --checkpoint run.json",
    'minimize --module objective.mjs --dim 3 --lower 0 --upper 1 --jobs 2 --noisy',
    "minimize --command './simulate {x}' --lower 0,0 --upper 1,10 --jobs 8 --asynchronous",
    "minimize --command './simulate {x}' --lower 0,0 --upper 1,10 --ranks 4",
    "minimize --command 'design {x}' --constraints 2 --lower 0,0 --upper 1,10",
    "minimize --command 'train --rate {x1} --layers {x2}' --lower 1e-4,1 --upper 1,8 --integer 2 --log 1",
    "minimize --command 'train --kernel {x1} --rate {x2}' --categories x1=linear,rbf --dim 2 --lower 1e-4 --upper 1 --log",
  ],
  inputs: minimizeInputs,
  options: minimizeOptions,
  checks: minimizeChecks,
  result: minimizeResult,
  outputs: {
    svg: {
      file: 'minimize.svg',
      about:
        'the evaluations, drawn: over level lines or the curve of one or two coordinates, else the best value so far',
      noun: 'Picture',
      type: 'image/svg+xml',
      text: minimizeSvg,
      holds: ['drawn'],
      json: 'svg',
      pictures: true,
    },
  },
  ranks: true,
  interrupted: { kept: 'the best point so far is', none: 'was a point' },
  exit: ({ status, value }, { target }) =>
    status === 'failed' ? 2 : target !== undefined && !(Number(value) <= target) ? 3 : undefined,
  job: minimizeJob,
  view: minimizeView,
});

export const blackBox: Family = {
  id: 'black-box',
  title: 'Black-box search',
  goal: 'Minimise a function',
  tasks: [minimize],
  races: [bbobRace, expressionRace],
};
