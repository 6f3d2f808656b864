import { writeNpy } from '@southwell/data';
import { rulesWithFaulty } from 'southwell/distributed-methods';
import { defineTask } from '../../declaration/task.ts';
import { reportOutput } from '../../report/output.ts';
import { aggregateJob } from './job.ts';
import { aggregateInputs, aggregateOptions } from './options.ts';
import { type AggregateResult, aggregateResult } from './result.ts';
import { aggregateView } from './view.ts';

const needing: readonly string[] = rulesWithFaulty;

/** A field of CSV. */
const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const csv = ({ direction, names }: AggregateResult): string =>
  ['entry,direction', ...direction.map((v, k) => `${quoted(names?.[k] ?? `${k + 1}`)},${v}`), ''].join('\n');

export const aggregateTask = defineTask({
  title: 'Aggregate gradients',
  verb: ['aggregate'],
  about: 'Combine gradients of workers, of which some may be faulty.',
  examples: [
    'aggregate bundled:diabetes --rule geometric-median --out direction.csv',
    'aggregate gradients.npy --rule flag --out direction.npy',
    'aggregate gradients.csv --rule multi-krum --faulty 3 --report report.html',
    'aggregate gradients.parquet --workers columns --rule trimmed-mean --faulty 2 --json',
  ],
  inputs: aggregateInputs,
  options: aggregateOptions,
  checks: [
    {
      wrong: ({ rule, faulty }) => faulty === undefined && needing.includes(rule),
      say: 'This rule needs {faulty}, the number of workers that may be faulty.',
    },
  ],
  result: aggregateResult,
  outputs: {
    out: {
      about: 'the direction, as .npy or .csv',
      noun: 'Direction',
      formats: {
        npy: {
          file: 'direction.npy',
          type: 'application/octet-stream',
          text: ({ direction }) => writeNpy(Float64Array.from(direction)),
        },
        csv: { file: 'direction.csv', type: 'text/csv', text: csv },
      },
      holds: ['direction', 'names'],
      json: 'out',
    },
    report: reportOutput(
      'a self-contained HTML page with a table and a picture of the workers',
      ({ data }: AggregateResult) => `${data.name}, aggregated`,
      aggregateView,
    ),
  },
  resumes: false,
  interrupted: { kept: 'nothing is', none: 'was a direction' },
  job: aggregateJob,
  view: aggregateView,
});
