import type { ViewChart, ViewTable } from '../declaration/view.ts';
import { printable } from '../format.ts';
import type { Classification } from './result.ts';

/** Classes beyond which a table of them all is for the page alone. */
const CLASSES = 12;

/** Rows by their class and by what was predicted; `below` says which rows. */
export function confusionTable({ labels, confusion }: Classification, below: string): ViewTable {
  return {
    title: 'Confusion matrix: true classes by predicted ones',
    columns: ['class', ...labels.map((label) => `→ ${printable(label)}`), 'right'],
    rows: labels.map((label, k) => {
      const rows = confusion[k].reduce((a, b) => a + b, 0);
      return [label, ...confusion[k], rows === 0 ? '–' : `${((100 * confusion[k][k]) / rows).toFixed(1)} %`];
    }),
    below,
    ...(labels.length > CLASSES && { on: 'page' as const }),
  };
}

/** Curves that are drawn. */
const DRAWN = 16;

/** Whether probabilities are to be believed, where there are some. */
export function calibrationCharts({ rows, calibration = [] }: Classification): ViewChart[] {
  const drawn = calibration.filter(({ bins }) => bins.length > 0);
  if (drawn.length === 0) return [];
  return [
    {
      title: `Calibration, on the rows ${rows}`,
      xLabel: 'probability',
      yLabel: 'share of the class',
      curves: [
        ...drawn.slice(0, DRAWN).map(({ label, bins }) => ({
          name: label,
          x: bins.map((b) => b.predicted),
          y: bins.map((b) => b.observed),
        })),
        { name: 'as it should be', x: [0, 1], y: [0, 1] },
      ],
    },
  ];
}
