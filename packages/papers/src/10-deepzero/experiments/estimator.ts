import { zoGradient } from 'southwell/black-box';
import { StagedLoss, zoBatches } from 'southwell/training';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { BATCH, backprop, drawOf, estimateOf, flatten, loadSmallDigits, perceptron, startOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const networks = { '1242 weights': [16, 16], '8010 weights': [64, 64] } as const;
type Name = keyof typeof networks;

const PANEL = 'Error by the number of random directions';

/** Estimates of a single gradient, for untrained networks. */
export default experiment(record, {
  id: 'estimator',
  title: 'Error of estimated gradients',
  panels: [
    {
      title: PANEL,
      x: { label: 'random directions over weights', log: true },
      y: { label: 'error over the length of the gradient', log: true },
      series: ['random directions', '√((d + 1)/q)', 'coordinates, at d'],
      control: 'random directions',
    },
  ],
  claims: ['estimator'],
  method: estimateOf,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const { train } = await loadSmallDigits();
    const { networks: named, shares, mu } = locked.claims.estimator.sizes[context.size];
    const names: readonly Name[] = named;
    const errors = new Map<string, number[]>();
    const of = (name: Name, what: string) => ({ draws: errors.get(`${name}: ${what}`)! });
    const values = () => ({
      coordinates: names.map((label) => ({ label, ...of(label, 'cge') })),
      random: names.map((label) => ({ label, ...of(label, 'rge 1') })),
      ...(full && {
        theory: names.flatMap((name) =>
          shares.map((q) => ({ label: `${name}, q = ${q}d`, ...of(name, `theory ${q}`) })),
        ),
      }),
    });
    const most = Math.max(...locked.claims.estimator.draws[context.size]);
    let draw = 0;
    do {
      for (const name of names) {
        yield { kind: 'progress', label: `draw ${draw + 1}: ${name}`, fraction: draw / most };
        const model = perceptron(networks[name]);
        const random = drawOf(context.seed, draw).split(names.indexOf(name));
        const x = flatten(startOf(model, random.split(1)));
        const batch = zoBatches(train.count, BATCH, random.integer(2 ** 31))(0);
        const oracle = backprop(model, train);
        const exact = new Float64Array(x.length);
        oracle.gradient(x, batch, exact);
        oracle.free();
        const net = new StagedLoss(model, train, BATCH, 'crossEntropy');
        net.take(batch);
        const f = (at: Float64Array) => net.at(at);
        const length = Math.sqrt(exact.reduce((s, v) => s + v * v, 0));
        const put = (what: string, value: number) => {
          const key = `${name}: ${what}`;
          errors.set(key, [...(errors.get(key) ?? []), value]);
        };
        const error = (g: Float64Array) => Math.sqrt(g.reduce((s, v, j) => s + (v - exact[j]) ** 2, 0)) / length;
        put('cge', error(method(f, x, mu)));
        await pause();
        for (const q of shares) {
          const directions = Math.round(q * x.length);
          const seed = random.integer(2 ** 31);
          const found = error(zoGradient(f, x, { estimator: 'rge', directions, seed }).gradient);
          put(`rge ${q}`, found);
          if (draw === 0 && name === '1242 weights')
            yield { kind: 'points', panel: PANEL, series: 'random directions', x: [q], y: [found] };
          put(`theory ${q}`, found / Math.sqrt((x.length + 1) / directions));
          await pause();
        }
        net.free();
      }
      draw++;
    } while (!decide.enough('estimator', draw, values));
    yield decide('estimator', values());

    // Without bars: as functions of μ, and of the number of directions, on the small network.
    const model = perceptron(networks['1242 weights']);
    const random = drawOf(context.seed, 0).split(0);
    const x = flatten(startOf(model, random.split(1)));
    const batch = zoBatches(train.count, BATCH, drawOf(context.seed, 0).integer(2 ** 31))(0);
    const oracle = backprop(model, train);
    const exact = new Float64Array(x.length);
    oracle.gradient(x, batch, exact);
    oracle.free();
    const net = new StagedLoss(model, train, BATCH, 'crossEntropy');
    net.take(batch);
    const length = Math.sqrt(exact.reduce((s, v) => s + v * v, 0));
    const error = (g: Float64Array) => Math.sqrt(g.reduce((s, v, j) => s + (v - exact[j]) ** 2, 0)) / length;
    const along = (full ? [0.03, 0.1, 0.3, 1, 3, 10] : [0.1, 0.3, 1]).map((q) => Math.round(q * x.length));
    const found: number[] = [];
    for (const directions of along) {
      found.push(error(zoGradient((at) => net.at(at), x, { estimator: 'rge', directions }).gradient));
      await pause();
    }
    const q = along.map((directions) => directions / x.length);
    yield { kind: 'points', panel: PANEL, series: 'random directions', restart: true, x: q, y: found };
    yield {
      kind: 'points',
      panel: PANEL,
      series: '√((d + 1)/q)',
      x: q,
      y: along.map((n) => Math.sqrt((x.length + 1) / n)),
    };
    const rows: Array<[number, number]> = [];
    for (const moved of [1e-1, 5e-2, 2e-2, 5e-3, 1e-3, 1e-4, 1e-6, 1e-8]) {
      rows.push([moved, error(method((at) => net.at(at), x, moved))]);
      await pause();
    }
    const cge = rows.find(([moved]) => moved === mu)![1];
    yield { kind: 'points', panel: PANEL, series: 'coordinates, at d', x: [q[0], q[q.length - 1]], y: [cge, cge] };
    yield { kind: 'table', title: 'Error of coordinate differences by μ, 1242 weights', columns: ['μ', 'error'], rows };
    net.free();
  },
});
