import type { ChartSpec } from '@southwell/charts';
import type { ViewTable } from '../declaration/view.ts';
import { printable } from '../format.ts';
import type { Classification } from './result.ts';

/** Number of classes above which the full table is only shown on the page. */
const CLASSES = 12;

/** The confusion matrix; `below` says which rows were used. */
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

/** Maximum number of curves in a chart. */
const DRAWN = 16;

/** Calibration curves, if there are probabilities. */
export function calibrationCharts({ rows, calibration = [] }: Classification): ChartSpec[] {
  const drawn = calibration.filter(({ bins }) => bins.length > 0);
  if (drawn.length === 0) return [];
  return [
    {
      title: `Calibration, on the ${rows === 'validation' ? 'validation rows' : `rows ${rows}`}`,
      x: { label: 'probability', range: [0, 1] },
      y: { label: 'share of the class', range: [0, 1] },
      series: [
        ...drawn.slice(0, DRAWN).map(({ label, bins }) => ({
          name: label,
          x: bins.map((b) => b.predicted),
          y: bins.map((b) => b.observed),
        })),
        { name: 'both equal', x: [0, 1], y: [0, 1], style: 'faint' as const },
      ],
    },
  ];
}
