import { alone, type Communicator } from '@southwell/distributed';
import type { Iterate } from '@southwell/numerics/core';
import { type CompressedSgdOptions, compressedSgdProgram, type FeedbackMethod } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { controlled, drawOf, median, NAMES, optionsOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { divided, Perceptron, pooled, type Rows } from '../network.ts';
import { record } from '../record.ts';

/** Those that need no gradients at the optimum. */
const TRIED = [
  'sgd',
  'econtrol',
  'ec',
  'd-ec',
  'ef21',
  'ef21-sgdm',
  'csgd',
] as const satisfies readonly FeedbackMethod[];
type Tried = (typeof TRIED)[number];
const PANEL = 'Training loss by bytes';
/** The draw on which step sizes are chosen. */
const CHOOSING = 1000;

interface Training {
  readonly accuracy: number;
  readonly loss: number;
  readonly bytes: number;
  /** Mean losses of batches over windows of rounds. */
  readonly curve: ReadonlyArray<readonly [bytes: number, loss: number]>;
}

/** Digits that are divided among clients by label, in part. */
export default experiment(record, {
  id: 'digits',
  title: 'A network on digits divided by label',
  panels: [
    {
      title: PANEL,
      x: { label: 'bytes sent by a client', log: true },
      y: { label: 'mean loss of the batches', log: true },
      series: TRIED.map((id) => ({ id, name: NAMES[id] })),
      control: 'sgd',
    },
  ],
  claims: ['digits'],
  method: controlled,
  async *run(context, decide, method) {
    const sizes = locked.claims.digits.sizes[context.size];
    const { clients, share, momentum, rounds, draws } = sizes;
    const pause = pauses(context);
    const set = await digitSet();
    const [train, test] = [pooled(set.train), pooled(set.test)];
    const trained = (name: Tried, stepSize: number, draw: number) =>
      training({ train, test }, sizes, draw, context.seed, pause, {
        ...{ compressor: `top-k=${share}`, momentum, stepSize, seed: draw },
        ...optionsOf(name, method, share),
      });
    const found = new Map<Tried, Training[]>();
    const steps = new Map<Tried, number>();
    for (const [k, name] of TRIED.entries()) {
      const tried: Training[] = [];
      for (const step of locked.grids.digits.stepSize) {
        yield { kind: 'progress', label: `step size of ${NAMES[name]}`, fraction: k / TRIED.length };
        tried.push(await trained(name, step, CHOOSING));
      }
      const best = tried.reduce((least, one, i) => (one.loss < tried[least].loss ? i : least), 0);
      steps.set(name, locked.grids.digits.stepSize[best]);
      const own: Training[] = [];
      for (let draw = 0; draw < draws; draw++) own.push(await trained(name, steps.get(name)!, draw));
      found.set(name, own);
      const [{ curve }] = own;
      const x = curve.map(([bytes]) => bytes / clients);
      yield { kind: 'points', panel: PANEL, series: name, x, y: curve.map(([, loss]) => loss) };
    }
    const of = (name: Tried) => found.get(name)!;
    const apart = (a: Tried, b: Tried) => median(of(a).map(({ accuracy }, draw) => accuracy - of(b)[draw].accuracy));
    const length = new Perceptron(sizes.widths).length;
    yield decide('digits', {
      sgd: apart('sgd', 'econtrol'),
      ef21: apart('econtrol', 'ef21'),
      bytes: (4 * length * clients * rounds) / median(of('econtrol').map(({ bytes }) => bytes)),
    });
    const rows = TRIED.map((name) => {
      const values = (of_: (one: Training) => number) => median(of(name).map(of_));
      return [
        NAMES[name],
        steps.get(name)!,
        values(({ accuracy }) => accuracy),
        values(({ loss }) => loss),
        values(({ bytes }) => bytes) / clients,
      ];
    });
    const columns = ['method', 'step size', 'test accuracy', 'mean loss of the last batches', 'bytes of a client'];
    yield { kind: 'table', title: `Networks after ${rounds} rounds, medians of ${draws} draws`, columns, rows };
  },
});

async function training(
  { train, test }: { readonly train: Rows; readonly test: Rows },
  sizes: (typeof locked.claims.digits.sizes)['quick' | 'full'],
  draw: number,
  seed: number,
  pause: Pause,
  options: CompressedSgdOptions,
): Promise<Training> {
  const random = drawOf(seed, draw);
  const network = new Perceptron(sizes.widths);
  const clients = divided(train, sizes.clients, sizes.skew, random.split(0)).map((own) =>
    network.client(train, own, sizes.batch),
  );
  const start = network.start(random.split(1));
  const program = (comm: Communicator) => compressedSgdProgram(comm, clients, start, options);
  const window = Math.ceil(sizes.rounds / 20);
  const curve: Array<[number, number]> = [];
  let sum = 0;
  for (const iterate of alone<Iterate<Float64Array, number | undefined>, void>(program)) {
    const { iteration, objective, work, done } = iterate;
    if (done || !Number.isFinite(objective)) break;
    if (iteration < sizes.rounds) {
      sum += objective! / window;
      if (iteration % window === window - 1) {
        curve.push([work.bytesSent!, sum]);
        sum = 0;
      }
      await pause();
      continue;
    }
    const accuracy = network.accuracy(iterate.snapshot(), test);
    return { accuracy, loss: curve.at(-1)![1], bytes: work.bytesSent!, curve };
  }
  return { accuracy: 0, loss: Number.POSITIVE_INFINITY, bytes: 0, curve };
}
