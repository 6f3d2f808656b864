import { adamW, sgd, type TrainingOptimiser, withCoordinateClipping } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import { type Cell, type ExperimentEvent, parameterValue } from '../../experiment.ts';
import { loadCharacters } from '../../material/characters.ts';
import { schedule } from '../../material/decoder.ts';
import { pauses } from '../../pauses.ts';
import { streamed } from '../../streamed.ts';
import { betas } from '../adam.ts';
import { steps } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { ending, largestStable, type Trainer, trainer, tune } from '../train.ts';

const { sizes, draws: looks } = locked.claims.training;
const { firstRates } = locked.grids;
type Name = keyof typeof firstRates;
const judged = Object.keys(firstRates) as Name[];
/** The first of the draws on which rates are chosen; they do not judge. */
const TUNING = 500;
const BY_RATE = 'losses by rate, on draws that do not judge';

function curve(name: string, losses: readonly number[]) {
  const [x, y]: [number[], number[]] = [[], []];
  // Averages of ten: losses of single batches are noisy.
  for (let at = 0; at + 10 <= losses.length; at += 10) {
    x.push(at + 5);
    y.push(losses.slice(at, at + 10).reduce((a, b) => a + b, 0) / 10);
  }
  return { kind: 'points', panel: 'training at the best rates', series: name, x, y } as const;
}

/** An optimiser with the schedule of a rate. */
type Made = (rate: number) => TrainingOptimiser;

/** The methods that are judged, and those that are only reported, each with a first rate. */
function methodsOf(clipping: typeof withCoordinateClipping, length: number) {
  const plain =
    (momentum: number): Made =>
    (rate) =>
      sgd({ rate: schedule(rate, length), momentum });
  // Adam as in the study; the library's weight decay of 0.01 would shrink parameters by about 1 % in such short runs.
  const adam: Made = (rate) => adamW({ rate: schedule(rate, length), weightDecay: 0, ...betas });
  const clipped =
    (made: Made, fraction: number, where: 'gradient' | 'update' = 'gradient'): Made =>
    (rate) =>
      clipping(made(rate), { fraction, where });
  const methods: Readonly<Record<Name, Made>> = {
    SGD: plain(0),
    'SGD, 10 % clipped': clipped(plain(0), 0.1),
    Adam: adam,
    'Adam, 50 % of the update clipped': clipped(adam, 0.5, 'update'),
    'SGD, momentum 0.9': plain(0.9),
    'SGD, momentum 0.9, 10 % of the gradient clipped': clipped(plain(0.9), 0.1),
  };
  const reported: Readonly<Record<string, { readonly made: Made; readonly start: number }>> = {
    'SGD, 1 % clipped': { made: clipped(plain(0), 0.01), start: 0.6 },
    sign: { made: clipped(plain(0), 1), start: 64 },
    'SGD, momentum 0.9, 10 % of the momentum clipped': { made: clipped(plain(0.9), 0.1, 'update'), start: 0.15 },
  };
  return { methods, reported };
}

async function meanOf(nets: readonly Trainer[], loss: (net: Trainer) => Promise<number>): Promise<number> {
  let sum = 0;
  for (const net of nets) sum += await loss(net);
  return sum / nets.length;
}

/**
 * Every method is tuned separately: clipping shrinks gradients, so that rates with and without it are not comparable.
 */
export default experiment(record, {
  id: 'training',
  title: 'Training with and without clipping',
  panels: [
    {
      title: 'training at the best rates',
      x: { label: 'step' },
      y: { label: 'loss of the batch', unit: 'nats a character' },
      series: judged,
      control: 'SGD',
    },
    {
      title: BY_RATE,
      x: { label: 'rate', log: true },
      y: { label: 'loss at the end', unit: 'nats a character' },
      series: [...judged, '{method}'],
    },
  ],
  parameters: [steps],
  claims: ['training', 'gap-to-adam', 'universal'],
  method: withCoordinateClipping,
  async *run(context, decide, clipping) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const characters = await loadCharacters();
    const length = parameterValue(steps, context);
    const { last, tuningDraws } = sizes[context.size];
    const most = Math.max(...looks[context.size]);
    const { methods, reported } = methodsOf(clipping, length);
    const rows: Cell[][] = [];
    const tries: Cell[][] = [];
    const lossesOf = (net: Trainer, made: Made, rate: number) => net.train(made(rate), length);
    const lossOf = async (net: Trainer, made: Made, rate: number) =>
      ending(await lossesOf(net, made, rate), length, last);
    async function* tuned(name: string, made: Made, start: number): AsyncGenerator<ExperimentEvent, number> {
      const { rate, tried } = yield* streamed((emit) =>
        tune(async (r) => {
          const loss = await meanOf(tuning, (net) => lossOf(net, made, r));
          emit({ kind: 'points', panel: BY_RATE, series: name, x: [r], y: [loss] });
          return loss;
        }, start),
      );
      tries.push(...tried.map(([r, loss]) => [name, r, loss]));
      return rate;
    }
    const found = Object.fromEntries(judged.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
    /** Largest stable rates, clipped over not, by draw. */
    const stable = { plain: [] as number[], momentum: [] as number[] };
    const beside = (one: Name, other: (k: number) => number) => ({
      draws: found[one].map((value, k) => ({ value, reference: other(k) })),
    });
    const by = (name: Name) => (k: number) => found[name][k];
    const training = () => ({ loss: beside('SGD, 10 % clipped', by('SGD')), rates: { draws: stable.plain } });
    const gap = () => ({
      half: beside('SGD, 10 % clipped', (k) => (found.SGD[k] + found.Adam[k]) / 2),
      adam: beside('Adam', by('SGD')),
    });
    const universal = () => ({
      rates: { draws: stable.momentum },
      momentum: beside('SGD, momentum 0.9, 10 % of the gradient clipped', by('SGD, momentum 0.9')),
      adam: beside('Adam, 50 % of the update clipped', by('Adam')),
    });

    const rates = {} as Record<Name, number>;
    const tuning = Array.from({ length: tuningDraws }, (_, k) => trainer(characters, context, TUNING + k, pause));
    const nets: Trainer[] = [];
    try {
      for (const name of judged) {
        yield { kind: 'progress', label: `rates of ${name}`, fraction: 0 };
        rates[name] = yield* tuned(name, methods[name], firstRates[name][0]);
      }
      let draw = 0;
      do {
        const net = trainer(characters, context, draw, pause);
        nets.push(net);
        for (const name of judged) {
          yield { kind: 'progress', label: `draw ${draw + 1}: ${name}`, fraction: draw / most };
          const losses = await lossesOf(net, methods[name], rates[name]);
          // A run that ends above the loss of guesses by frequency has failed, by whatever number.
          found[name].push(Math.min(ending(losses, length, last), characters.entropy));
          rows.push([name, draw + 1, rates[name], found[name][draw]]);
          if (draw === 0) yield curve(name, losses);
        }
        const top = (name: Name) =>
          largestStable((rate) => lossOf(net, methods[name], rate), rates[name], characters.entropy);
        stable.plain.push((await top('SGD, 10 % clipped')) / (await top('SGD')));
        stable.momentum.push(
          (await top('SGD, momentum 0.9, 10 % of the gradient clipped')) / (await top('SGD, momentum 0.9')),
        );
        draw++;
        // A claim that is settled at a look waits for the others.
      } while (
        !(
          decide.enough('training', draw, training) &&
          decide.enough('gap-to-adam', draw, gap) &&
          decide.enough('universal', draw, universal)
        )
      );
      yield decide('training', training());
      yield decide('gap-to-adam', gap());
      yield decide('universal', universal());

      for (const [name, { made, start }] of full ? Object.entries(reported) : []) {
        yield { kind: 'progress', label: name, fraction: 0.99 };
        const rate = yield* tuned(name, made, start);
        for (let k = 0; k < 3; k++) rows.push([name, k + 1, rate, await lossOf(nets[k], made, rate)]);
      }
    } finally {
      for (const net of [...tuning, ...nets]) net.free();
    }
    yield { kind: 'table', title: 'At the best rates', columns: ['method', 'draw', 'rate', 'loss'], rows };
    yield { kind: 'table', title: 'All rates', columns: ['method', 'rate', 'loss'], rows: tries };
  },
});
