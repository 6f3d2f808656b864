import { defineTask } from '../../declaration/task.ts';
import { reportOutput } from '../../report/output.ts';
import { gossipJob } from './job.ts';
import { gossipInputs, gossipOptions } from './options.ts';
import { type GossipResult, gossipResult } from './result.ts';
import { gossipView } from './view.ts';

export const gossipTask = defineTask({
  title: 'Rates of links',
  verb: ['gossip'],
  about: 'Choose how often neighbours in a network exchange.',
  examples: [
    'gossip links.csv --out rates.csv',
    'gossip links.csv --rate weight --cost price --report report.html',
    'gossip links.parquet --objective lambda2 --json',
  ],
  inputs: gossipInputs,
  options: gossipOptions,
  result: gossipResult,
  outputs: {
    out: {
      file: 'rates.csv',
      about: 'the rate of each link, a row each, .csv or .parquet',
      noun: 'Rates',
      columns: ({ links }) => ({
        from: links.map(({ from }) => from),
        to: links.map(({ to }) => to),
        share: links.map(({ share }) => share),
        rate: links.map(({ rate }) => rate),
      }),
      holds: [],
    },
    report: reportOutput(
      'a self-contained HTML page with the graph, its rates as widths, and tables',
      ({ data }: GossipResult) => `Rates of links: ${data.name}`,
      gossipView,
    ),
  },
  resumes: false,
  interrupted: { kept: 'the best rates so far are', none: 'were rates' },
  job: gossipJob,
  view: gossipView,
});
