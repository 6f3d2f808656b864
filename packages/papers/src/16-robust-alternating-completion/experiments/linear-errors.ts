import { elementary, Random } from 'southwell';
import { tiedTolerance } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import { type ExperimentEvent, type Parameter, parameterValue } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { gradientDescent } from '../gradient.ts';
import {
  libraryMethod,
  type Method,
  noisy,
  planted,
  product,
  rivalTrace,
  sample,
  sweepsAndParts,
  type Trace,
  trace,
  traceOf,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes } = locked.claims['linear-errors'];

const share: Parameter = {
  name: 'share',
  title: 'Share of entries seen',
  default: { quick: sizes.quick.share, full: sizes.full.share },
  min: 0.05,
  max: 1,
};
const condition: Parameter = {
  name: 'condition',
  title: 'Condition',
  default: { quick: sizes.quick.condition, full: sizes.full.condition },
  min: 1,
  max: 1000,
};

const points = (panel: string, series: string, t: Trace): ExperimentEvent => ({
  kind: 'points',
  panel,
  series,
  x: t.errors.map((_, k) => k),
  y: t.errors,
  work: { seconds: t.seconds, ...(t.multiplyAdds.some((v) => v > 0) && { multiplyAdds: t.multiplyAdds }) },
});

/** The effect of errors in the regressions on the completed matrix, and the performance of rivals. */
export default experiment(record, {
  id: 'linear-errors',
  title: 'Rough regressions, and the rivals',
  panels: [
    {
      title: 'rough regressions',
      x: { label: 'sweeps' },
      y: { label: 'relative error of the whole matrix', log: true },
      series: [
        'exact',
        { id: 'noise 1e-1', name: 'error 0.1' },
        { id: 'noise 1e-3', name: 'error 0.001' },
        'exact, code of its own',
        'noise {size}',
      ],
      control: 'exact',
    },
    {
      title: 'rivals',
      x: { label: 'sweeps' },
      y: { label: 'relative error of the whole matrix', log: true },
      series: [
        'tied tolerance',
        'robust',
        { id: 'als', name: 'alternating least squares' },
        { id: 'soft-impute', name: 'soft imputation' },
        { id: 'svt', name: 'singular value thresholding' },
        'gradient descent',
      ],
      control: 'gradient descent',
    },
  ],
  parameters: [share, condition],
  claims: ['linear-errors'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { size, rank, sweeps, until, noises, slack, factor, rivalSweeps } = sizes[context.size];
    const pause = pauses(context);
    const { seed } = context;
    const shape = {
      size,
      rank,
      condition: parameterValue(condition, context),
      share: parameterValue(share, context),
    };
    yield { kind: 'progress', label: 'planted matrix', fraction: 0 };
    const p = await planted(shape, new Random(seed), pause);
    const common = { seed, pause, sweeps, until };
    const exact = method.regress({ solver: 'exact' });
    yield points('rough regressions', 'exact', await trace(p, exact, common));
    const rival = await rivalTrace(p, { random: new Random(seed).split(100) }, common);
    yield points('rough regressions', 'exact, code of its own', rival);
    const plateaus: number[] = [];
    const later: number[] = [];
    const traced: number[] = [];
    for (const [k, noise] of noises.entries()) {
      yield { kind: 'progress', label: `noise ${noise}`, fraction: (k + 1) / (noises.length + 6) };
      const t = await trace(p, noisy(exact, noise, new Random(seed).split(k)), common);
      yield points('rough regressions', `noise ${noise.toExponential(0)}`, t);
      // The geometric mean of the last five sweeps.
      const tail = t.errors.slice(-5);
      plateaus.push(elementary.exp(tail.reduce((s, e) => s + elementary.log(e), 0) / tail.length));
      const level = 2 * plateaus[k];
      later.push(sweepsAndParts(level, t) - sweepsAndParts(level, rival));
      // Sweep 0 is the start, the same for all. The other code may stop earlier, at \`until\`.
      const exactAt = (sweep: number) => rival.errors[Math.min(sweep, rival.errors.length - 1)];
      traced.push(Math.max(...t.errors.slice(1).map((e, s) => e / Math.max(slack * exactAt(s + 1), factor * noise))));
    }
    const ratios = plateaus.map((v, k) => v / noises[k]);
    yield {
      kind: 'table',
      title: 'Where errors settle',
      columns: ['noise of every regression', 'error of the matrix', 'ratio', 'sweeps to twice it, beyond exact ones'],
      rows: noises.map((noise, k) => [
        noise,
        ...[plateaus[k], ratios[k], later[k]].map((v) => Number(v.toPrecision(3))),
      ]),
    };
    yield decide('linear-errors', {
      traced: noises.map((noise, k) => ({ label: noise, value: traced[k] })),
      plateau: noises.map((noise, k) => ({ label: noise, value: ratios[k] })),
      later: noises.map((noise, k) => ({ label: noise, value: later[k] })),
    });

    const tied = method.regress({ solver: 'cg', tol: tiedTolerance });
    yield points('rivals', 'tied tolerance', await trace(p, tied, common));
    const lambda = 0.01 * shape.size;
    const long = { ...common, sweeps: rivalSweeps };
    for (const [name, options] of [
      ['robust', {}],
      ['als', {}],
      ['soft-impute', { lambda }],
      ['svt', {}],
    ] as const) {
      yield { kind: 'progress', label: name, fraction: 0.7 };
      const iterates = method.iterates(p.observed, { rank: p.rank, method: name, seed, tol: 0, ...options });
      yield points('rivals', name, await traceOf(p, iterates, long));
    }
    const start = [...method.iterates(p.observed, { rank: p.rank, method: 'soft-impute', lambda, tol: 1 })];
    const descent = gradientDescent(p.observed, p.rank, start[start.length - 1].snapshot());
    yield points('rivals', 'gradient descent', await traceOf(p, descent, long));
    yield* pictures(method, seed, pause);
  },
});

const SIDE = 96;

/** A picture of rank 7: waves across and down. */
function waves(): Float64Array {
  const out = new Float64Array(SIDE * SIDE);
  for (let i = 0; i < SIDE; i++) {
    for (let j = 0; j < SIDE; j++) {
      const [y, x] = [(2 * Math.PI * i) / SIDE, (2 * Math.PI * j) / SIDE];
      // cos(a ± b) are two products each.
      out[i * SIDE + j] =
        elementary.cos(2 * x + 3 * y) +
        elementary.cos(x - 2 * y) +
        0.7 * elementary.cos(4 * x) * elementary.sin(3 * y) +
        0.7 * elementary.sin(5 * x) * elementary.cos(y) +
        0.8 * elementary.sin(3 * x) * elementary.sin(5 * y);
    }
  }
  return out;
}

async function* pictures(method: Method, seed: number, pause: Pause): AsyncGenerator<ExperimentEvent, void> {
  const rank = 7;
  const truth = waves();
  const observed = sample(truth, SIDE, SIDE, 0.3, new Random(seed).split(99));
  const image = (title: string, values: ArrayLike<number>): ExperimentEvent => ({
    kind: 'picture',
    title,
    picture: { type: 'image', width: SIDE, height: SIDE, values: Array.from(values) },
  });
  yield image('The matrix', truth);
  const seen = new Float64Array(SIDE * SIDE).fill(Math.min(...truth));
  const { pointers, indices, values } = observed.byCol;
  for (let j = 0; j < SIDE; j++) {
    for (let e = pointers[j]; e < pointers[j + 1]; e++) seen[indices[e] * SIDE + j] = values[e];
  }
  yield image('What was seen of it: 30 %', seen);
  for (const it of method.iterates(observed, { rank, method: 'robust', seed, tol: 0 })) {
    if (![2, 5, 40].includes(it.iteration) && !it.done) continue;
    const shown = it.iteration === 40 || it.done ? 'Completed' : `After ${it.iteration} sweeps`;
    yield image(shown, await product(it.snapshot(), rank, pause));
    if (it.iteration >= 40) return;
  }
}
