import { type TrainingOptimiser, withOrthogonalGradient } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import { type Cell, type ExperimentEvent, type Parameter, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { accuracies, adam, addition, curve, drawSeed, type Look, looks, softmaxAt, training } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes, draws } = locked.claims['orthogonal-gradient'];
const epochs: Parameter = {
  name: 'epochs',
  title: 'Epochs',
  default: { quick: sizes.quick.epochs, full: sizes.full.epochs },
  min: sizes.quick.fitted,
  max: 10_000,
  integer: true,
};
/** The draw on which weight decays are compared. */
const TUNING = 100;
const names = ['AdamW', 'with weight decay', '⊥AdamW'] as const;
type Name = (typeof names)[number];

/** The first epoch with this test accuracy; the length of the run if there is none. */
const learnedBy = (seen: readonly Look[], accuracy: number, length: number): number =>
  seen.find((look) => look.test >= accuracy)?.epoch ?? length;

/** AdamW on the full gradient, with weight decay, and on the gradient without the component that only scales the weights. */
export default experiment(record, {
  id: 'orthogonal',
  title: 'Addition with and without the scaling direction',
  panels: [
    {
      title: 'Accuracy',
      x: { label: 'epoch' },
      y: { label: 'share of pairs that are right' },
      series: names.flatMap((name) => [`${name}, training`, `${name}, test`]),
      control: 'AdamW, test',
    },
    {
      title: 'Cosine between negative gradient and weights',
      x: { label: 'epoch' },
      y: { label: 'cosine' },
      series: names,
      control: 'AdamW',
    },
  ],
  parameters: [epochs],
  claims: ['orthogonal-gradient', 'scaling-direction'],
  method: withOrthogonalGradient as (optimiser: TrainingOptimiser) => TrainingOptimiser,
  async *run(context, decide, wrapper) {
    const task = sizes[context.size];
    const pause = pauses(context);
    const length = parameterValue(epochs, context);
    const looksAt = looks(context.size === 'full' ? 10 : 5);
    const trainingWith = (optimiser: TrainingOptimiser, draw: number) =>
      training(
        addition(task, drawSeed(context, draw)),
        { tried: softmaxAt('f32'), optimiser, epochs: length, looksAt },
        pause,
      );
    const found: Record<Name, Look[][]> = { AdamW: [], 'with weight decay': [], '⊥AdamW': [] };
    const rows: Cell[][] = [];
    /** A draw of an optimiser; the curves are those of the first. */
    async function* trained(name: Name, optimiser: TrainingOptimiser, draw: number): AsyncGenerator<ExperimentEvent> {
      const own: Look[] = [];
      found[name].push(own);
      for await (const look of trainingWith(optimiser, draw)) {
        own.push(look);
        if (draw === 0) {
          yield* accuracies('Accuracy', name, [look]);
          yield curve('Cosine between negative gradient and weights', name, [look], ({ cosine }) => cosine);
        }
        if (own.length % 10 > 0) continue;
        const done = draw + (names.indexOf(name) + look.epoch / length) / names.length;
        yield { kind: 'progress', label: `draw ${draw + 1}: ${name}`, fraction: done / draws[context.size].at(-1)! };
      }
      const { train, test, collapsed, cosine, loss } = own[own.length - 1];
      rows.push([name, draw + 1, train, test, learnedBy(own, task.learned, length), loss, cosine, collapsed]);
    }
    // First what needs no tuning, so that there is something to see.
    yield* trained('AdamW', adam(task), 0);
    // The weight decay that learns first, or else has the best test accuracy.
    let decay = { weightDecay: 0, epoch: Number.POSITIVE_INFINITY, test: 0 };
    const tuned: Cell[][] = [];
    for (const weightDecay of locked.grids.decay.weightDecay) {
      yield { kind: 'progress', label: `weight decay ${weightDecay}`, fraction: 0 };
      const seen: Look[] = [];
      for await (const look of trainingWith(adam(task, weightDecay), TUNING)) seen.push(look);
      const epoch = learnedBy(seen, task.learned, length);
      const { test } = seen[seen.length - 1];
      if (epoch < decay.epoch || (epoch === decay.epoch && test > decay.test)) decay = { weightDecay, epoch, test };
      tuned.push([weightDecay, epoch, test]);
    }
    const optimisers: Record<Name, TrainingOptimiser> = {
      AdamW: adam(task),
      'with weight decay': adam(task, decay.weightDecay),
      '⊥AdamW': wrapper(adam(task)),
    };
    const last = (name: Name) => found[name].map((seen) => seen[seen.length - 1]);
    const gains = () => {
      const [plain, cut] = [last('AdamW'), last('⊥AdamW')];
      const decayed = found['with weight decay'].map((seen) => learnedBy(seen, task.learned, length));
      const sooner = {
        draws: found['⊥AdamW'].map((seen, k) => ({
          value: learnedBy(seen, task.learned, length),
          reference: decayed[k],
        })),
      };
      if (context.size === 'quick') return { gain: { draws: cut.map(({ test }, k) => test - plain[k].test) }, sooner };
      return {
        accuracy: { draws: cut.map(({ test }) => test) },
        adam: { draws: plain.map(({ test }) => test) },
        fitted: { draws: plain.map(({ train }) => train) },
        sooner,
      };
    };
    const cosines = () => {
      const past = found.AdamW.map((seen) => seen.filter(({ epoch }) => epoch >= task.fitted));
      return {
        cosine: { draws: past.map((seen) => Math.min(...seen.map(({ cosine }) => cosine))) },
        fit: { draws: past.map(([first]) => first.train) },
      };
    };
    let draw = 0;
    const enough = () =>
      decide.enough('orthogonal-gradient', draw, gains) && decide.enough('scaling-direction', draw, cosines);
    for (; !enough(); draw++) {
      for (const name of names) if (found[name].length === draw) yield* trained(name, optimisers[name], draw);
    }
    yield decide('orthogonal-gradient', gains());
    yield decide('scaling-direction', cosines());
    const columns = ['optimiser', 'draw', 'training', 'test', 'learned by', 'loss', 'cosine', 'collapsed'];
    yield { kind: 'table', title: `After ${length} epochs`, columns, rows };
    yield { kind: 'table', title: 'Weight decays', columns: ['weight decay', 'learned by', 'test'], rows: tuned };
  },
});
