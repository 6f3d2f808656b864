import type { SoftmaxPrecision } from '@southwell/autodiff';
import { experiment } from '../../define.ts';
import { type Cell, type Parameter, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { accuracies, adam, addition, crossEntropyAt, curve, drawSeed, type Look, looks, training } from '../lab.ts';
import { record } from '../record.ts';

const epochs: Parameter = {
  name: 'epochs',
  title: 'Epochs at most',
  default: { quick: 2500, full: 10_000 },
  min: 100,
  max: 100_000,
  integer: true,
};
/** Fraction of examples from which a collapse is reported. */
const QUARTER = 0.25;
/** At quick size a run continues for a fifth of the time until collapse. */
const BEYOND = 1.2;

/** Cross-entropy in several precisions, trained until it has collapsed. */
export default experiment(record, {
  id: 'collapse',
  title: 'Collapse of the softmax by its precision',
  axes: { x: 'epoch', y: 'share', logY: false, logX: true },
  parameters: [epochs],
  claims: ['collapse-order'],
  /** The precision in which each is computed: itself, except in controls. */
  method: ((precision) => precision) as (precision: SoftmaxPrecision) => SoftmaxPrecision,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const most = parameterValue(epochs, context);
    const bits = full ? ([16, 32, 64] as const) : ([16, 32] as const);
    const draws = full ? 3 : 1;
    const ratios: Array<{ readonly label: string; readonly value: number }> = [];
    const rows: Cell[][] = [];
    for (let draw = 0; draw < draws; draw++) {
      const subject = addition(31, 0.8, 128, drawSeed(context, draw));
      let before = Number.NaN;
      for (const [k, size] of bits.entries()) {
        const precision = method(`f${size}`);
        const course = {
          ...{ loss: crossEntropyAt(precision), precision, epochs: most, looksAt: looks(20) },
          optimiser: adam(2e-3, 0.99, 1e-30),
        };
        const own: Look[] = [];
        let first = Number.POSITIVE_INFINITY;
        for await (const look of training(subject, course, pause)) {
          own.push(look);
          if (look.collapsed >= QUARTER) first = Math.min(first, look.epoch);
          if (!full && look.epoch >= BEYOND * first) break;
          if (own.length % 10 > 0) continue;
          const fraction = (draw * bits.length + k + look.epoch / most) / (draws * bits.length);
          yield { kind: 'progress', label: `${size} bits`, fraction };
        }
        // A run that has not collapsed by the end would do so later.
        const least = Math.min(first, most);
        const where = full ? `, draw ${draw + 1}` : '';
        if (k > 0) ratios.push({ label: `${size} over ${bits[k - 1]} bits${where}`, value: least / before });
        before = first;
        const { epoch, train, test, collapsed, loss } = own[own.length - 1];
        rows.push([size, draw + 1, Number.isFinite(first) ? first : null, epoch, train, test, collapsed, loss]);
        if (draw > 0) continue;
        yield* accuracies('Accuracy', `${size} bits`, own);
        if (Number.isFinite(first)) {
          yield {
            kind: 'points',
            panel: 'Accuracy',
            series: `a quarter has collapsed, ${size} bits`,
            x: [first, 1.005 * first],
            y: [0, 1],
          };
        }
        yield curve('Share that has collapsed', `${size} bits`, own, (look) => look.collapsed);
      }
    }
    yield decide('collapse-order', { ratio: ratios });
    yield {
      kind: 'table',
      title: 'When a quarter has collapsed, and how runs ended',
      columns: ['bits', 'draw', 'collapsed from epoch', 'last epoch', 'training', 'test', 'collapsed', 'loss'],
      rows,
    };
  },
});
