import { defineTask, type Family } from '../declaration/task.ts';
import { reportOutput } from '../report/output.ts';
import { gameJob } from './job.ts';
import { gameInputs, gameOptions } from './options.ts';
import { type GameResult, gameResult } from './result.ts';
import { gameView } from './view.ts';

const game = defineTask({
  title: 'Matrix games',
  verb: ['game'],
  about: 'Solve a zero-sum game of two players from its table of payoffs.',
  examples: [
    'game bundled:blotto --out strategies.csv',
    'game payoffs.csv --tol 1e-12 --report report.html',
    'game payoffs.npy --time-limit 60 --json',
  ],
  inputs: gameInputs,
  options: gameOptions,
  result: gameResult,
  outputs: {
    out: {
      file: 'strategies.csv',
      about: 'the mixed strategies of both players, a row for each strategy, .csv or .parquet',
      noun: 'Strategies',
      columns: ({ rows, columns }) => {
        const both = [...rows, ...columns];
        return {
          player: both.map((_, k) => (k < rows.length ? 'row' : 'column')),
          strategy: both.map(({ strategy }) => strategy),
          probability: both.map(({ probability }) => probability),
          payoff: both.map(({ payoff }) => payoff),
        };
      },
      holds: [],
    },
    report: reportOutput(
      'a self-contained HTML page with the strategies, a picture of the payoffs and the gap',
      ({ data }: GameResult) => `The game ${data.name}`,
      gameView,
      ['payoffs', 'course'],
    ),
  },
  interrupted: { kept: 'the best strategies so far are', none: 'was a pair of strategies' },
  job: gameJob,
  view: gameView,
});

export const games: Family = { id: 'games', title: 'Games', goal: 'Solve a game of two players', tasks: [game] };
