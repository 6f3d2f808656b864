import type { ChartSpec } from '@southwell/charts';
import { judgedText } from '../classes/text.ts';
import { calibrationCharts, confusionTable } from '../classes/view.ts';
import type { View, ViewTable } from '../declaration/view.ts';
import { count, grouped, number, printable } from '../format.ts';
import type { TrainResult } from './result.ts';

/** The summary of a training run. */
export function trainView(r: TrainResult): View {
  const { data, network, classification } = r;
  return {
    status: r.status,
    about: r.text ? textAbout(r) : aboutText(data),
    headline: headline(r),
    ending: r.ended,
    work: `${count(r.iterations, 'step')} of ${count(r.training.batch, r.text ? 'window' : 'row')}`,
    seconds: r.seconds,
    notes: data.notes,
    charts: [...historyCharts(r), ...(classification ? calibrationCharts(classification) : [])],
    tables: [
      {
        title: 'The network',
        columns: ['layers', 'parameters', 'optimiser', 'rate'],
        rows: [[network.layers, network.parameters, r.training.optimiser, r.training.rate]],
      },
      ...(classification ? [confusionTable(classification, judgedText(classification))] : []),
      ...sampleTables(r),
      ...worstTables(r),
    ],
    pictures: (r.pictures ?? []).map(({ title, ...image }) => ({ title, picture: { type: 'image', ...image } })),
  };
}

function aboutText({ name, rows, features, target, classes, targetMean, targetSd }: TrainResult['data']): string {
  const told = classes
    ? `${classes
        .slice(0, 12)
        .map(({ label, rows: of }) => `${printable(label)} ${grouped(of)}`)
        .join(', ')}${classes.length > 12 ? `, and ${classes.length - 12} more` : ''}`
    : `mean ${number(targetMean)}, sd ${number(targetSd)}`;
  return `${name}: ${count(rows, 'row')}, ${count(features, 'feature')}, target ${target} (${told})`;
}

const textAbout = ({ data, text }: TrainResult): string =>
  `${data.name}: ${grouped(data.rows)} characters, ${grouped(text!.characters)} different ones`;

/** The score, if there is one. */
export function headline({ score, network, data, text }: TrainResult): string {
  const what = `A network of ${count(network.parameters, 'parameter')} for ${text ? 'the next character' : data.target}`;
  if (!score) return `${what}.`;
  if (text) {
    const judged = score.of === 'validation' ? 'of the validation set' : 'of the training set';
    return `${what}: perplexity ${number(score.value)}, ${number(text.bits)} bits per character, on ${count(score.rows, 'character')} ${judged}.`;
  }
  const rows =
    score.of === 'fitted'
      ? `the ${count(score.rows, 'training row')}`
      : count(score.rows, score.of === 'validation' ? 'validation row' : 'held-out row');
  return `${what}: ${score.name} ${number(score.value)} on ${rows}.`;
}

/** Curves over the epochs, and of the learning-rate search. */
export function historyCharts({ history, search }: TrainResult): ChartSpec[] {
  const { loss, validation, accuracy } = history;
  const curve = (name: string, values: ReadonlyArray<number | null>) => ({
    name,
    x: values.map((_, k) => k + 1),
    y: values.map((v) => v ?? Number.NaN),
  });
  if (loss.length === 0) return [];
  return [
    {
      ...{ title: 'Loss', x: { label: 'epoch' }, y: { label: 'mean loss' } },
      series: [curve('training', loss), ...(validation ? [curve('validation', validation)] : [])],
    },
    ...(accuracy
      ? [
          {
            ...{ title: 'Accuracy', x: { label: 'epoch' }, y: { label: 'accuracy' } },
            series: [curve('validation', accuracy)],
          },
        ]
      : []),
    ...(search
      ? [
          {
            ...{
              title: 'Learning-rate search',
              x: { label: 'learning rate', log: true },
              y: { label: 'smoothed loss' },
            },
            series: [{ name: 'loss', x: search.rates, y: search.losses.map((v) => v ?? Number.NaN) }],
          },
        ]
      : []),
  ];
}

/** The lines of a text sampled from the network. */
function sampleTables({ text }: TrainResult): ViewTable[] {
  if (!text || text.sample === '') return [];
  return [
    {
      title: 'A sample',
      columns: ['a sample'],
      rows: text.sample
        .trim()
        .split('\n')
        .map((line) => [line]),
    },
  ];
}

/** Rows with the largest errors. */
export function worstTables({ worst, classification, data }: TrainResult): ViewTable[] {
  if (worst.length === 0) return [];
  const error = classification ? 'probability of the class' : 'absolute error';
  return [
    {
      title: 'Largest errors',
      columns: ['row', data.target, 'predicted', error],
      rows: worst.map((w) => [w.row, w.truth, w.predicted, w.error]),
      on: 'page',
    },
  ];
}
