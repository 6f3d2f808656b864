import * as nn from '@southwell/autodiff/nn';
import { Random } from '@southwell/numerics/core';
import { sgd } from 'southwell/optimisers';
import { outputsOf, trainingIterates } from 'southwell/training';
import { experiment } from '../../define.ts';
import type { ExperimentEvent } from '../../experiment.ts';
import { loadDigits } from '../../material/images.ts';
import { type Pause, pauses, pointOf } from '../../pauses.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { type NoisyDigits, noisyDigits, risesBy } from '../twoLayer.ts';

const { momentum, batch, rates: RATES } = locked.claims['two-layer'].sizes.full;

interface Trained {
  readonly rate: number;
  readonly hidden: number;
  readonly loss: number;
  readonly error: number;
}

async function trained(
  digits: NoisyDigits,
  rate: number,
  hidden: number,
  epochs: number,
  seed: number,
  pause: Pause,
): Promise<Trained> {
  const { train, test, wrong } = digits;
  const model = nn.sequential([nn.linear({ in: 64, out: hidden }), nn.relu(), nn.linear({ in: hidden, out: 10 })]);
  const { parameters, history } = await pointOf(
    trainingIterates(model, train, {
      loss: 'squares',
      ...{ epochs, batchSize: batch, rate, seed },
      optimiser: (schedule) => sgd({ rate: schedule, momentum }),
    }),
    pause,
  );
  const { values } = outputsOf(model, parameters, test.inputs, test.count);
  return { rate, hidden, loss: history.loss[history.loss.length - 1], error: wrong(values) };
}

/** A fully trained network with one hidden layer, as its width grows beyond the threshold: with three rates. */
export default experiment(record, {
  id: 'two-layer',
  title: 'Two-layer networks by three rates',
  panels: [
    {
      title: 'Test error by the width',
      x: { label: 'hidden units', log: true },
      y: { label: 'test error' },
      series: RATES.map((rate) => `rate ${rate}`),
    },
    {
      title: 'log₁₀ of the training loss',
      x: { label: 'hidden units', log: true },
      y: { label: 'log₁₀ of the training loss' },
      series: RATES.map((rate) => `rate ${rate}`),
    },
  ],
  claims: ['two-layer'],
  method: RATES as readonly number[],
  async *run(context, decide, rates) {
    const pause = pauses(context);
    const { examples, tests, epochs, widths, threshold, noise } = locked.claims['two-layer'].sizes[context.size];
    const looks = locked.claims['two-layer'].draws[context.size];
    const random = new Random(context.seed);
    const images = await loadDigits();
    const [thresholds, rises]: Array<Array<{ readonly value: number; readonly reference: number }>> = [[], []];
    const all: Trained[][] = [];
    const values = () => ({ rise: { draws: rises }, threshold: { draws: thresholds } });
    const draw = (k: number) => {
      const own = random.split(k);
      const digits = noisyDigits(images, { examples, tests, noise }, own);
      return { digits, seed: own.integer(2 ** 31) };
    };
    /** Points of the curve of a rate. */
    function* drawn(networks: readonly Trained[], more: { readonly restart?: true } = {}): Generator<ExperimentEvent> {
      const x = networks.map(({ hidden }) => hidden);
      const common = { kind: 'points', series: `rate ${networks[0].rate}`, ...more, x } as const;
      yield { ...common, panel: 'Test error by the width', y: networks.map(({ error }) => error) };
      yield { ...common, panel: 'log₁₀ of the training loss', y: networks.map(({ loss }) => Math.log10(loss)) };
    }
    for (let k = 0; !decide.enough('two-layer', k, values); k++) {
      const { digits, seed } = draw(k);
      const networks: Trained[] = [];
      for (const rate of rates) {
        for (const hidden of widths) {
          const label = `draw ${k + 1}, rate ${rate}, ${hidden} hidden units`;
          yield { kind: 'progress', label, fraction: k / looks[looks.length - 1] };
          const network = await trained(digits, rate, hidden, epochs, seed, pause);
          networks.push(network);
          if (k === 0) yield* drawn([network]);
        }
      }
      all.push(networks);
      const there = networks.filter(({ hidden }) => hidden === threshold).sort((a, b) => a.loss - b.loss);
      const [low, high] = [there[0], there[there.length - 1]];
      thresholds.push({ value: low.error, reference: high.error });
      const rise = ({ rate }: Trained) =>
        risesBy(networks.filter((one) => one.rate === rate).map(({ error }) => error));
      rises.push({ value: rise(low), reference: rise(high) });
    }
    yield decide('two-layer', values());
    for (const rate of rates) {
      const curve = all[0].filter((one) => one.rate === rate).sort((a, b) => a.hidden - b.hidden);
      yield* drawn(curve, { restart: true });
    }
    yield {
      kind: 'table',
      title: `After ${epochs} epochs`,
      columns: ['draw', 'rate', 'hidden', 'parameters', 'training loss', 'test error'],
      rows: all.flatMap((networks, k) =>
        networks.map(({ rate, hidden, loss, error }) => [k + 1, rate, hidden, 75 * hidden + 10, loss, error]),
      ),
    };
  },
});
