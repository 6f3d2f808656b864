import type { View, ViewTable } from '../declaration/view.ts';
import { endedText } from '../ended.ts';
import { count, number } from '../format.ts';
import type { GameResult } from './result.ts';

type Strategies = GameResult['rows'];

/** Strategies of each player at the shell. */
const SHOWN = 20;

const percent = (p: number): string => (p === 0 ? '' : p < 0.0005 ? '< 0.1 %' : `${number(100 * p, 3)} %`);

function tableOf(player: string, aim: string, strategies: Strategies): ViewTable {
  const played = strategies.filter(({ probability }) => probability > 0);
  const sorted = [...played].sort((a, b) => b.probability - a.probability);
  const never = strategies.length - played.length;
  const below = [
    ...(sorted.length > SHOWN ? [`${sorted.length - SHOWN} more are played less often.`] : []),
    ...(never > 0 ? [`${count(never, 'strategy').replace('strategys', 'strategies')} never played.`] : []),
  ].join(' ');
  return {
    title: `${player[0].toUpperCase()}${player.slice(1)}, who ${aim}`,
    columns: [player, 'probability', 'payoff'],
    rows: sorted.slice(0, SHOWN).map(({ strategy, probability, payoff }) => [strategy, probability, payoff]),
    ...(below !== '' && { below }),
  };
}

function pictureOf({ payoffs, rows, columns }: GameResult): View['pictures'] {
  const { rows: I, columns: J, values } = payoffs;
  const whole = I.length === rows.length && J.length === columns.length;
  const label = ({ strategy, probability }: Strategies[number]) =>
    probability === 0 ? strategy : `${strategy}: ${percent(probability)}`;
  return [
    {
      title: whole ? 'Payoffs and probabilities' : 'Payoffs among the likeliest strategies',
      picture: {
        ...{ type: 'image', width: J.length, height: I.length, values },
        x: { label: 'strategy of the column player, who minimises', at: J.map((j) => label(columns[j])) },
        y: { label: 'strategy of the row player, who maximises', at: I.map((i) => label(rows[i])) },
        value: 'payoff to the row player',
      },
    },
  ];
}

/** The gap in the course of the run, from where it has a logarithm. */
function chartOf({ course }: GameResult): View['charts'] {
  const y = course.gaps.map((gap) => (gap > 0 ? gap : null));
  if (y.filter((gap) => gap !== null).length < 2) return [];
  return [
    {
      title: 'Convergence',
      x: { label: 'step' },
      y: { label: 'gap, relative to the range of the payoffs', log: true },
      series: [{ name: 'duality gap', x: course.steps, y }],
    },
  ];
}

export function gameView(r: GameResult): View {
  const { value, gap, lower, upper, rows, columns } = r;
  return {
    status: r.status,
    about: `${r.data.name}: ${rows.length} × ${columns.length} strategies, payoffs to the player of the rows`,
    headline: `The value of the game is ${number(value, 6)}.`,
    ending: `${endedText(r.status)} after ${count(r.iterations, 'step')}: the row player secures ${number(lower, 6)} and the column player concedes at most ${number(upper, 6)}, a gap of ${number(gap, 2)}.`,
    seconds: r.seconds,
    notes: r.data.notes,
    tables: [tableOf('row player', 'maximises', rows), tableOf('column player', 'minimises', columns)],
    charts: chartOf(r),
    pictures: pictureOf(r),
  };
}
