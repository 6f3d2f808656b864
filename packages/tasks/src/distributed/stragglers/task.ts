import { defineTask } from '../../declaration/task.ts';
import { reportOutput } from '../../report/output.ts';
import { stragglersJob } from './job.ts';
import { stragglersInputs, stragglersOptions } from './options.ts';
import { type StragglersResult, stragglersResult } from './result.ts';
import { stragglersView } from './view.ts';

export const stragglersTask = defineTask({
  title: 'Codes against slow workers',
  verb: ['stragglers'],
  about: 'Choose a code against slow workers by measured delays.',
  examples: [
    'stragglers bundled:delays --slope 1 --report report.html',
    'stragglers delays.csv --slope 2.5 --load 0.0625 --max-delay 0',
    'stragglers delays.csv --workers columns --slope 8 --out codes.csv --json',
  ],
  inputs: stragglersInputs,
  options: stragglersOptions,
  checks: [
    {
      wrong: ({ slope }) => slope === undefined,
      say: 'Codes cost work, which is told by {slope}: the seconds that a worker would take for the whole data set.',
    },
  ],
  result: stragglersResult,
  outputs: {
    out: {
      file: 'codes.csv',
      about: 'all codes, a row a code, by their time on the rounds that choose',
      columns: ({ codes }: StragglersResult) => ({
        kind: codes.map(({ kind }) => kind),
        s: codes.map(({ s }) => s ?? null),
        B: codes.map(({ B }) => B ?? null),
        W: codes.map(({ W }) => W ?? null),
        lambda: codes.map(({ lambda }) => lambda ?? null),
        load: codes.map(({ load }) => load),
        delay: codes.map(({ delay }) => delay),
        seconds: codes.map(({ choosing }) => choosing.seconds),
        waits: codes.map(({ choosing }) => choosing.waitOuts),
      }),
      holds: ['codes'],
      json: 'out',
    },
    report: reportOutput(
      'a self-contained HTML page with pictures of the rounds',
      ({ data }: StragglersResult) => `${data.name}, codes against slow workers`,
      stragglersView,
    ),
  },
  resumes: false,
  interrupted: { kept: 'the best code so far is', none: 'was a code' },
  job: stragglersJob,
  view: stragglersView,
});
