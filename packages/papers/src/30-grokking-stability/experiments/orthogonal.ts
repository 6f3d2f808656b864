import { type TrainingOptimiser, withOrthogonalGradient } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import { type Cell, type Parameter, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { accuracies, adam, addition, crossEntropyAt, curve, drawSeed, type Look, looks, training } from '../lab.ts';
import { record } from '../record.ts';

const epochs: Parameter = {
  name: 'epochs',
  title: 'Epochs',
  default: { quick: 300, full: 300 },
  min: 150,
  max: 10_000,
  integer: true,
};
/** Epoch from which the gradient is examined: by then the training pairs are memorised. */
const PAST_FIT = 150;

/** AdamW on the full gradient, and on the gradient without the component that only scales the weights. */
export default experiment(record, {
  id: 'orthogonal',
  title: 'Addition with and without the scaling direction',
  axes: { x: 'epoch', y: 'share, cosine', logY: false, logX: true },
  parameters: [epochs],
  claims: ['orthogonal-gradient', 'scaling-direction'],
  method: withOrthogonalGradient as (optimiser: TrainingOptimiser) => TrainingOptimiser,
  async *run(context, decide, wrapper) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const length = parameterValue(epochs, context);
    const looksAt = looks(full ? 10 : 5);
    const optimisers = { AdamW: adam(0.01, 0.99, 1e-25), '⊥AdamW': wrapper(adam(0.01, 0.99, 1e-25)) };
    const found: Record<keyof typeof optimisers, Look[][]> = { AdamW: [], '⊥AdamW': [] };
    const rows: Cell[][] = [];
    const last = (name: keyof typeof optimisers) => found[name].map((seen) => seen[seen.length - 1]);
    const gains = () => {
      const [plain, cut] = [last('AdamW'), last('⊥AdamW')];
      if (!full) return { gain: { draws: cut.map(({ test }, k) => test - plain[k].test) } };
      return {
        accuracy: { draws: cut.map(({ test }) => test) },
        adam: { draws: plain.map(({ test }) => test) },
        fitted: { draws: plain.map(({ train }) => train) },
      };
    };
    const cosines = () => ({
      cosine: {
        draws: found.AdamW.map((seen) =>
          Math.min(...seen.filter(({ epoch }) => epoch >= PAST_FIT).map(({ cosine }) => cosine)),
        ),
      },
    });
    let draw = 0;
    const enough = () =>
      decide.enough('orthogonal-gradient', draw, gains) && decide.enough('scaling-direction', draw, cosines);
    for (; !enough(); draw++) {
      const seed = drawSeed(context, draw);
      const subject = full ? addition(113, 0.4, 200, seed) : addition(31, 0.8, 128, seed);
      for (const [name, optimiser] of Object.entries(optimisers)) {
        const own: Look[] = [];
        found[name as keyof typeof optimisers].push(own);
        const course = { loss: crossEntropyAt('f32'), precision: 'f32', optimiser, epochs: length, looksAt } as const;
        for await (const look of training(subject, course, pause)) {
          own.push(look);
          if (own.length % 10 > 0) continue;
          const fraction = (draw + (Object.keys(optimisers).indexOf(name) + look.epoch / length) / 2) / 6;
          yield { kind: 'progress', label: `draw ${draw + 1}: ${name}`, fraction };
        }
        const { train, test, collapsed, cosine, loss } = own[own.length - 1];
        const learned = own.find((look) => look.test >= 0.9)?.epoch ?? null;
        rows.push([name, draw + 1, train, test, learned, loss, cosine, collapsed]);
        if (draw > 0) continue;
        yield* accuracies('Accuracy', name, own);
        yield curve('Cosine between negative gradient and weights', name, own, (look) => look.cosine);
      }
    }
    yield decide('orthogonal-gradient', gains());
    yield decide('scaling-direction', cosines());
    yield {
      kind: 'table',
      title: `After ${length} epochs`,
      columns: ['optimiser', 'draw', 'training', 'test', 'test ≥ 0.9 from', 'loss', 'cosine', 'collapsed'],
      rows,
    };
  },
});
