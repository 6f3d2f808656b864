import type { Cell } from '@southwell/data';
import type { View, ViewTable } from '../declaration/view.ts';
import { count, grouped, number } from '../format.ts';
import { bytesText } from '../networks/words.ts';
import type { CompressResult } from './result.ts';

/** Measures in the order of the table, with their headings. */
export const MEASURES = {
  error: 'error',
  agreement: 'same largest',
  divergence: 'divergence',
  accuracy: 'accuracy',
  loss: 'loss',
  r2: 'R²',
} as const;

type Measured = ReadonlyArray<{ readonly quality?: CompressResult['variants'][number]['quality'] }>;

/** The measures that some networks have. */
export const measuresOf = (networks: Measured): ReadonlyArray<keyof typeof MEASURES> =>
  (Object.keys(MEASURES) as Array<keyof typeof MEASURES>).filter((name) =>
    networks.some(({ quality }) => quality?.[name] !== undefined),
  );

function variantsTable({ variants, judged }: CompressResult): ViewTable {
  const measures = measuresOf(variants);
  const [{ bytes: original }] = variants;
  return {
    title: 'Sizes and qualities',
    columns: ['network', 'file', 'share', ...measures.map((name) => MEASURES[name])],
    rows: variants.map(({ method, bytes, quality }): Cell[] => [
      method,
      bytesText(bytes),
      percent(bytes / original),
      ...measures.map((name) => quality?.[name] ?? null),
    ]),
    ...(measures.length > 0
      ? {
          below: `${judged > 0 ? `Measured on ${count(judged, 'example')} that did not calibrate.` : 'Measured on the examples that calibrated.'} Errors of outputs are squared and relative${measures.includes('divergence') ? '; divergence is that of Kullback and Leibler from the original, in nats' : ''}.${variants.some(({ method }) => method.endsWith('*')) ? ' * The numbers that remain were chosen anew.' : ''}`,
        }
      : {}),
  };
}

const percent = (share: number): string => `${number(100 * share, 3)} %`;

/** The end of a name, which tells layers apart. */
const shortened = (name: string): string => (name.length > LONG ? `…${name.slice(1 - LONG)}` : name);
const LONG = 26;

export function compressView(r: CompressResult): View {
  const { bytes, layers, kept, model, method, continued, drawn, call } = r;
  return {
    status: r.status,
    about: `${model}, ${method}${r.data === undefined ? '' : `, calibrated on ${count(r.calibrated, 'example')} of ${r.data}`}`,
    headline: `${bytesText(bytes.original)} became ${bytesText(bytes.file)}, ${percent(bytes.file / bytes.original)}.`,
    outcome: `${count(layers.length, 'layer')} compressed`,
    work: count(layers.length, 'layer'),
    seconds: r.seconds,
    notes: r.notes,
    tables: [
      variantsTable(r),
      {
        title: 'Bytes and time',
        columns: ['', 'original', 'compressed', 'share'],
        rows: [
          ...(
            [
              ['file', bytes.original, bytes.file],
              ['file after gzip', bytes.originalGzip, bytes.gzip],
              ['parameters in memory', bytes.denseMemory, bytes.memory],
            ] as const
          ).map(([what, before, after]) => [what, grouped(before), grouped(after), percent(after / before)]),
          ...(call
            ? [
                [
                  'time of a call',
                  `${number(1000 * call.original, 3)} ms`,
                  `${number(1000 * call.compressed, 3)} ms`,
                  percent(call.compressed / call.original),
                ],
              ]
            : []),
        ],
      },
      {
        title: 'Layers',
        columns: ['layer', 'size', 'use', 'bytes', 'bits a weight', 'error'],
        rows: layers.map(({ name, outputs, inputs, use, bytes: own, error }) => [
          shortened(name),
          `${outputs} × ${inputs}`,
          use,
          grouped(own),
          (8 * own) / (outputs * inputs),
          error,
        ]),
      },
      ...(kept.length > 0
        ? [
            {
              title: 'Matrices that were left as they are',
              columns: ['layer', 'why'],
              rows: kept.map(({ name, why }) => [name, why]),
            },
          ]
        : []),
      ...(continued
        ? [
            {
              title: 'What both write',
              columns: ['network', 'text'],
              rows: [
                ['original', continued.original],
                ['compressed', continued.compressed],
              ],
            },
          ]
        : []),
    ],
    pictures: drawn
      ? [
          {
            title: `Weights of ${drawn.name} that stay`,
            picture: {
              type: 'image',
              ...{ width: drawn.width, height: drawn.height, values: drawn.values },
              value: 'magnitude',
            },
          },
        ]
      : [],
  };
}
