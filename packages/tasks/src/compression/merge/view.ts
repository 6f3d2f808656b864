import type { Picture } from '@southwell/data';
import type { View, ViewTable } from '../../declaration/view.ts';
import { count, number } from '../../format.ts';
import { MEASURES, measuresOf } from '../view.ts';
import type { MergeResult } from './result.ts';

const METHODS: Readonly<Record<string, string>> = {
  weights: 'matched by weights',
  activations: 'matched by activations',
  ste: 'matched by gradients',
  average: 'as they are',
};

function qualitiesTable({ qualities, judged, models }: MergeResult): ViewTable[] {
  const measures = measuresOf(qualities);
  if (measures.length === 0) return [];
  return [
    {
      title: 'Qualities',
      columns: ['network', ...measures.map((name) => MEASURES[name])],
      rows: qualities.map(({ network, quality }) => [network, ...measures.map((name) => quality[name] ?? null)]),
      below: `${judged > 0 ? `Measured on ${count(judged, 'example')} that did not match neurons.` : 'Measured on the examples that were there to match.'} Errors are squared distances of the outputs from those of ${models[0]}, relative to their squares.`,
    },
  ];
}

/** The loss on the way from the first network to others. */
function picture({ lambdas, matches, loss, method, models }: MergeResult): View['pictures'] {
  const ways = matches.flatMap(({ model, before, after }) => [
    ...(before ? [{ name: matches.length > 1 ? `${model}, as it is` : 'as they are', ...before }] : []),
    ...(after && method !== 'average'
      ? [{ name: matches.length > 1 ? `${model}, matched` : 'matched', ...after }]
      : []),
  ]);
  if (ways.length === 0) return [];
  const drawn: Picture = {
    type: 'scatter',
    xLabel: 'λ',
    yLabel: `loss: ${loss}`,
    points: ways.flatMap(({ losses }, group) => losses.map((y, k) => ({ x: lambdas[k], y, group }))),
    groups: ways.map(({ name }) => name),
    lines: ways.map(({ losses }) => ({ x: lambdas, y: losses, shade: 0.4 })),
    below: `The networks (1 − λ)·a + λ·b from ${models[0]} (λ = 0) to ${matches.length > 1 ? 'another one' : models[1]} (λ = 1).`,
  };
  return [{ title: 'Loss between the networks', picture: drawn }];
}

export function mergeView(r: MergeResult): View {
  const { matches, models, method, data } = r;
  const highest = (which: 'before' | 'after') => Math.max(...matches.map((match) => match[which]?.barrier ?? 0));
  const measured = matches.some(({ before }) => before);
  const matched = method !== 'average';
  return {
    status: r.status,
    about: `${models.join(', ')}, ${METHODS[method]}${data === undefined ? '' : `; ${data}`}`,
    headline: measured
      ? matched
        ? `Matching changed the barrier from ${number(highest('before'))} to ${number(highest('after'))}.`
        : `The barrier between the networks is ${number(highest('before'))}.`
      : `${count(models.length, 'network')} averaged.`,
    outcome: `${count(models.length, 'network')} merged`,
    work: count(
      matches.reduce((sum, { sweeps }) => sum + sweeps, 0),
      method === 'ste' ? 'step' : 'sweep',
    ),
    seconds: r.seconds,
    notes: r.notes,
    tables: [
      {
        title: `Distance from ${models[0]}`,
        columns: [
          'network',
          ...(matched ? ['neurons', 'moved'] : []),
          'distance',
          ...(matched ? ['matched distance'] : []),
          ...(measured ? ['barrier', ...(matched ? ['matched barrier'] : [])] : []),
        ],
        rows: matches.map(({ model, places, moved, distance, before, after }) => [
          model,
          ...(matched ? [places, moved] : []),
          distance.before,
          ...(matched ? [distance.after] : []),
          ...(measured ? [before?.barrier ?? null, ...(matched ? [after?.barrier ?? null] : [])] : []),
        ]),
        ...(measured
          ? {
              below: `The barrier is the largest excess of the loss (${r.loss}) on the straight line between two networks over the line between the losses of its ends.`,
            }
          : {}),
      },
      ...qualitiesTable(r),
      ...(measured && matches.length === 1
        ? [
            {
              title: 'Loss between the networks',
              columns: ['λ', 'as they are', ...(matched ? ['matched'] : [])],
              rows: r.lambdas.map((lambda, k) => [
                lambda,
                matches[0].before!.losses[k],
                ...(matched ? [matches[0].after!.losses[k]] : []),
              ]),
            },
          ]
        : []),
    ],
    pictures: picture(r),
  };
}
