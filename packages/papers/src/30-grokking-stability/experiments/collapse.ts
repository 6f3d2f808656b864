import type { SoftmaxPrecision } from '@southwell/autodiff';
import { experiment } from '../../define.ts';
import { type Cell, type ExperimentEvent, type Parameter, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  accuracies,
  adam,
  addition,
  curve,
  drawSeed,
  type Look,
  looks,
  type Steps,
  softmaxAt,
  stableMaxAt,
  type Tried,
  training,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes } = locked.claims['collapse-order'];
const { sizes: longer } = locked.claims.stablemax;
const epochs: Parameter = {
  name: 'epochs',
  title: 'Epochs',
  default: { quick: sizes.quick.epochs, full: sizes.full.epochs },
  min: 100,
  max: 100_000,
  integer: true,
};
const stableEpochs: Parameter = {
  name: 'stableEpochs',
  title: 'Epochs with StableMax in double precision, at full size',
  default: { quick: longer.quick.long, full: longer.full.long },
  min: 100,
  max: 1_000_000,
  integer: true,
};

interface Run {
  readonly name: string;
  readonly tried: Tried;
  readonly steps: Steps;
  readonly epochs: number;
  readonly draw: number;
}

/** Cross-entropy and StableMax in several precisions: which collapses, and which learns the rule. */
export default experiment(record, {
  id: 'collapse',
  title: 'Collapse of softmax and StableMax by precision',
  panels: [
    {
      title: 'Accuracy',
      x: { label: 'epoch', log: true },
      y: { label: 'share of pairs that are right' },
      series: [
        'softmax, 16 bits, training',
        'softmax, 16 bits, test',
        'softmax, 32 bits, training',
        'softmax, 32 bits, test',
        'softmax, 64 bits, training',
        'softmax, 64 bits, test',
        'StableMax, 16 bits, training',
        'StableMax, 16 bits, test',
        'StableMax, 32 bits, training',
        'StableMax, 32 bits, test',
        'softmax, training',
        'softmax, test',
        'StableMax, training',
        'StableMax, test',
      ],
    },
    {
      title: 'Share that has collapsed',
      x: { label: 'epoch', log: true },
      y: { label: 'share' },
      series: [
        'softmax, 16 bits',
        'softmax, 32 bits',
        'softmax, 64 bits',
        'StableMax, 16 bits',
        'StableMax, 32 bits',
        'softmax',
        'StableMax',
      ],
    },
  ],
  parameters: [epochs, stableEpochs],
  claims: ['collapse-order', 'stablemax', 'stablemax-half'],
  method: softmaxAt,
  async *run(context, decide, method) {
    const size = sizes[context.size];
    const full = context.size === 'full';
    const pause = pauses(context);
    const [length, long] = [parameterValue(epochs, context), parameterValue(stableEpochs, context)];
    const rows: Cell[][] = [];
    const ends = new Map<string, Look[]>();

    async function* course({ name, tried, steps, epochs: most, draw }: Run): AsyncGenerator<ExperimentEvent, Look[]> {
      const looksAt = (epoch: number) => looks(20)(epoch) || epoch === length;
      const own: Look[] = [];
      const subject = addition(size, drawSeed(context, draw));
      for await (const look of training(subject, { tried, optimiser: adam(steps), epochs: most, looksAt }, pause)) {
        own.push(look);
        if (draw === 0) {
          yield* accuracies('Accuracy', name, [look]);
          yield curve('Share that has collapsed', name, [look], ({ collapsed }) => collapsed);
        }
        if (own.length % 10 === 0) yield { kind: 'progress', label: name, fraction: look.epoch / most };
      }
      const { epoch, train, test, loss } = own[own.length - 1];
      const first = own.find(({ collapsed }) => collapsed >= size.share)?.epoch ?? null;
      rows.push([name, draw + 1, first, epoch, train, test, Math.max(...own.map((look) => look.collapsed)), loss]);
      if (draw === 0) ends.set(name, own);
      return own;
    }

    const ratios: Array<{ readonly label: string; readonly value: number }> = [];
    for (let draw = 0; draw < size.draws; draw++) {
      let before = Number.NaN;
      for (const [k, bits] of size.bits.entries()) {
        const tried = method(`f${bits}` as SoftmaxPrecision);
        const own = yield* course({ name: `softmax, ${bits} bits`, tried, steps: size, epochs: length, draw });
        const first = own.find(({ collapsed }) => collapsed >= size.share)?.epoch ?? Number.POSITIVE_INFINITY;
        // A run that has not collapsed by the end would do so later.
        const least = Math.min(first, length);
        const where = full ? `, draw ${draw + 1}` : '';
        if (k > 0) ratios.push({ label: `${bits} over ${size.bits[k - 1]} bits${where}`, value: least / before });
        before = first;
      }
    }
    yield decide('collapse-order', { ratio: ratios });

    const at = (name: string, epoch: number) => ends.get(name)!.find((look) => look.epoch === epoch)!;
    const beside = (bits: number) => {
      const seen = ends.get(`StableMax, ${bits} bits`)!;
      const { train, test } = seen[seen.length - 1];
      const most = Math.max(...seen.map(({ collapsed }) => collapsed));
      return { fit: train - most, same: { value: test, reference: at(`softmax, ${bits} bits`, length).test } };
    };
    yield* course({ name: 'StableMax, 32 bits', tried: stableMaxAt('f32'), steps: size, epochs: length, draw: 0 });
    if (full) {
      const steps = longer.full;
      yield* course({ name: 'StableMax', tried: stableMaxAt('f64'), steps, epochs: long, draw: 0 });
      yield* course({ name: 'softmax', tried: softmaxAt('f32'), steps, epochs: long, draw: 0 });
      const learned = at('StableMax', length).test;
      const others = ['softmax', ...size.bits.map((bits) => `softmax, ${bits} bits`)];
      yield decide('stablemax', {
        ...beside(32),
        learned,
        ahead: others.map((label) => ({ label, value: learned, reference: at(label, length).test })),
        end: at('StableMax', long).test,
        collapsed: Math.max(...ends.get('StableMax')!.map((look) => look.collapsed)),
        control: at('softmax', long).test,
      });
    } else yield decide('stablemax', beside(32));
    yield* course({ name: 'StableMax, 16 bits', tried: stableMaxAt('f16'), steps: size, epochs: length, draw: 0 });
    yield decide('stablemax-half', beside(16));
    const columns = ['loss', 'draw', 'collapsed from epoch', 'epochs', 'training', 'test', 'most collapsed', 'loss'];
    yield { kind: 'table', title: 'When a quarter has collapsed, and how runs ended', columns, rows };
  },
});
