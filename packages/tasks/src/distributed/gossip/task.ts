import { defineTask } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { reportOutput } from '../../report/output.ts';
import { gossipJob } from './job.ts';
import { gossipInputs, gossipOptions } from './options.ts';
import { type GossipResult, gossipResult } from './result.ts';
import { MOST_RECORDED } from './simulation.ts';
import { gossipView } from './view.ts';

export const gossipTask = defineTask({
  title: 'Rates of links',
  verb: ['gossip'],
  about: 'Choose how often neighbours in a network exchange.',
  examples: [
    'gossip bundled:network --out rates.csv',
    'gossip links.csv --rate weight --cost price --report report.html',
    'gossip links.parquet --objective lambda2 --json',
    'gossip links.csv --simulate 100 --recording events.json',
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
    recording: {
      file: 'events.json',
      about: 'the first units of time of the simulation as an event list, for the page /ranks of the workbench',
      noun: 'Events',
      type: 'application/json',
      text: ({ events }: GossipResult) => {
        if (events === undefined)
          throw new RequestError(
            `Graphs of more than ${MOST_RECORDED} nodes are simulated without a record of events.`,
          );
        return events;
      },
      json: 'recording',
      holds: ['events'],
      only: { simulate: true },
    },
    report: reportOutput(
      'a self-contained HTML page with the graph, its rates as widths, and tables',
      ({ data }: GossipResult) => `Rates of links: ${data.name}`,
      gossipView,
      ['events'],
    ),
  },
  resumes: false,
  interrupted: { kept: 'the best rates so far are', none: 'were rates' },
  job: gossipJob,
  view: gossipView,
});
