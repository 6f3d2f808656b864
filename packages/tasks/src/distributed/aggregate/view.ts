import type { Picture } from '@southwell/data';
import type { View } from '../../declaration/view.ts';
import { count, number } from '../../format.ts';
import type { AggregateResult } from './result.ts';

type Worker = AggregateResult['workers'][number];

/** Rows of the table of workers, the ones that stand out first. */
const SHOWN = 40;
const STATES = ['counted', 'suspected'] as const;

function picture({ workers }: AggregateResult): View['pictures'] {
  const drawn = workers.filter(
    (w): w is Worker & { norm: number; cosine: number } => w.norm !== null && w.cosine !== null && w.norm > 0,
  );
  if (drawn.length < 2) return [];
  const scatter: Picture = {
    type: 'scatter',
    xLabel: 'log₁₀ of the norm',
    yLabel: 'cosine with the direction',
    points: drawn.map(({ norm, cosine, state }) => ({
      ...{ x: Math.log10(norm), y: cosine, group: state === 'suspected' ? 1 : 0 },
      ...(state === 'suspected' && { marked: true as const }),
    })),
    groups: STATES,
    yRange: [-1, 1],
    below:
      'A point is a worker: gradients that agree lie together at the top; reversed ones lie below 0, stretched ones to the right.',
  };
  return [{ title: 'Workers', picture: scatter }];
}

const rank = { excluded: 0, suspected: 1, zero: 2, counted: 3 };

function columnsOf(workers: readonly Worker[]) {
  const has = (key: keyof Worker) => workers.some((w) => w[key] !== undefined);
  const optional: ReadonlyArray<readonly [keyof Worker, string]> = [
    ['weight', 'weight'],
    ['explained', 'explained'],
    ['score', 'score'],
  ];
  return [
    { title: 'worker', of: (w: Worker) => w.worker },
    { title: 'state', of: (w: Worker) => w.state },
    ...(has('selected') ? [{ title: 'selected', of: (w: Worker) => (w.selected ? 'yes' : 'no') }] : []),
    ...optional
      .filter(([key]) => has(key))
      .map(([key, title]) => ({ title, of: (w: Worker) => (w[key] as number | null | undefined) ?? null })),
    { title: 'norm', of: (w: Worker) => w.norm },
    { title: 'cosine', of: (w: Worker) => w.cosine },
    { title: 'distance', of: (w: Worker) => w.distance },
  ];
}

export function aggregateView(r: AggregateResult): View {
  const { workers, data, title, entries } = r;
  const of = (state: Worker['state']) => workers.filter((w) => w.state === state).length;
  const columns = columnsOf(workers);
  const listed = workers
    .map((worker, i) => ({ worker, i }))
    .sort((a, b) => rank[a.worker.state] - rank[b.worker.state] || a.i - b.i)
    .slice(0, SHOWN);
  const odd = [
    ...(of('suspected') > 0 ? [`${of('suspected')} suspected`] : []),
    ...(of('excluded') > 0 ? [`${of('excluded')} excluded`] : []),
    ...(of('zero') > 0 ? [`${of('zero')} of zeros`] : []),
  ];
  return {
    status: r.status,
    about: `${data.name}: ${count(workers.length, 'worker')}, ${entries} entries, ${title}`,
    headline: `The direction has norm ${number(r.norm)}${odd.length > 0 ? `; of ${count(workers.length, 'worker')}, ${odd.join(', ')}` : ''}.`,
    outcome: [
      `norm ${number(r.norm)}`,
      ...(r.certificate === undefined
        ? []
        : [`${r.rule === 'flag' ? 'relative gradient' : 'relative gap'} ${number(r.certificate, 2)}`]),
    ].join(', '),
    ...(r.iterations !== undefined && { work: `${r.iterations} ${r.iterations === 1 ? 'pass' : 'passes'}` }),
    advice: r.advice,
    seconds: r.seconds,
    notes: data.notes,
    tables: [
      {
        title: 'Workers',
        columns: columns.map((column) => column.title),
        rows: listed.map(({ worker }) => columns.map((column) => column.of(worker))),
        ...(listed.length < workers.length && {
          below: `${listed.length} of ${workers.length} workers, those that stand out first; --json has all.`,
        }),
      },
    ],
    pictures: picture(r),
  };
}
