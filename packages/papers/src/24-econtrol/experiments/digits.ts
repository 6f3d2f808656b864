import type { FeedbackMethod } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import { Perceptron, pooled } from '../../material/network.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { pauses } from '../../pauses.ts';
import { controlled, median, NAMES, optionsOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { type Training, training } from '../training.ts';

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
