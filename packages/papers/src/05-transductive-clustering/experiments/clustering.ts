import { DenseMatrix, Random } from 'southwell';
import {
  type Affinity,
  clusterAccuracy,
  type LaplacianStart,
  meanInterval,
  neighbourAffinity,
  neighbourIterates,
  neighbourScale,
  normalizedMutualInformation,
  Points,
  principalComponentIterates,
  project,
  spectralIterates,
} from 'southwell/clustering';
import { experiment } from '../../define.ts';
import {
  type Cell,
  type ExperimentContext,
  type ExperimentEvent,
  type Parameter,
  parameterValue,
} from '../../experiment.ts';
import { type Images, loadDigits, loadMnist } from '../../images.ts';
import { pauses, pointOf } from '../../pauses.ts';
import { libraryMethod, type Method } from '../lab.ts';
import { record } from '../record.ts';

const starts: Parameter = {
  name: 'starts',
  title: 'Starts',
  default: { quick: 3, full: 10 },
  min: 1,
  max: 100,
  integer: true,
};

interface Prepared {
  readonly name: string;
  readonly images: Images;
  readonly points: Points;
  readonly W: Affinity;
}

/** Features scaled so that the mean squared distance to the fifth neighbour is 1, and the graph of five neighbours. */
async function prepare(name: string, images: Images, X: DenseMatrix, pause: () => Promise<void>): Promise<Prepared> {
  const unscaled = Points.from(X);
  const neighbours = await pointOf(neighbourIterates(unscaled, 5), pause);
  unscaled.matrix.free();
  const scale = neighbourScale(neighbours);
  const scaled = DenseMatrix.fromColumnMajor(
    X.data.map((v) => scale * v),
    X.rows,
    X.cols,
  );
  return { name, images, points: Points.from(scaled), W: neighbourAffinity(neighbours) };
}

interface Score {
  readonly nmi: number[];
  readonly accuracy: number[];
  seconds: number;
  passes: number;
  /** Passes after which the relaxed energy was higher, beyond rounding. */
  rises: number;
  assignments: Int32Array;
}

/** One method from all starts, which are the same for all methods of a set. */
async function* score(
  method: Method,
  context: ExperimentContext,
  set: Prepared,
  series: string,
  options: LaplacianStart,
): AsyncGenerator<ExperimentEvent, Score> {
  const pause = pauses(context);
  const { labels } = set.images;
  const out: Score = { nmi: [], accuracy: [], seconds: 0, passes: 0, rises: 0, assignments: new Int32Array(0) };
  const count = parameterValue(starts, context);
  for (let start = 0; start < count; start++) {
    const seed = new Random(context.seed).split(start).integer(2 ** 32);
    let resumed = performance.now();
    let spent = 0;
    const curve = { x: [] as number[], y: [] as number[], seconds: [] as number[] };
    for (const it of method.iterates(set.points, 10, set.W, { ...options, seed })) {
      spent += (performance.now() - resumed) / 1000;
      const last = it.bound.length - 1;
      if (last > 0 && it.bound[last] > it.bound[last - 1] + 1e-9 * Math.abs(it.bound[last - 1])) out.rises++;
      const over = it.done !== undefined || (it.certificate?.relative ?? 1) <= 1e-4 || it.iteration >= 100;
      const whole = curve.x.length === 0 || it.iteration > curve.x[curve.x.length - 1];
      if (start === 0 && whole) {
        curve.x.push(it.iteration);
        curve.y.push(normalizedMutualInformation(labels, it.snapshot().assignments));
        curve.seconds.push(spent);
      }
      await pause();
      resumed = performance.now();
      if (!over) continue;
      const { assignments } = it.snapshot();
      out.passes += it.work.epochs ?? 0;
      out.nmi.push(normalizedMutualInformation(labels, assignments));
      out.accuracy.push(clusterAccuracy(labels, assignments));
      if (start === 0) out.assignments = assignments;
      break;
    }
    out.seconds += spent / count;
    if (start === 0) {
      const { x, y, seconds } = curve;
      yield { kind: 'points', panel: `${set.name}: mutual information`, series, x, y, work: { seconds } };
    }
  }
  return out;
}

type Prototypes = readonly [string, LaplacianStart];
const means = (lambda: number): Prototypes => [`λ = ${lambda}`, { prototype: 'mean', lambda }];
const decisive = [means(0), means(2)];
const others: readonly Prototypes[] = [
  ...[0.5, 1, 4].map(means),
  ['K-modes', { prototype: 'meanShift', lambda: 0 }],
  ['SLK-MS, λ = 2', { prototype: 'meanShift', lambda: 2 }],
];

/** Clusters of whole sets, with and without the graph. */
export default experiment(record, {
  id: 'clustering',
  title: 'Clusters of whole data sets, with and without neighbours',
  axes: { x: 'outer iterations', y: 'normalised mutual information', logY: false },
  parameters: [starts],
  claims: ['clustering'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    yield { kind: 'progress', label: 'neighbours', fraction: 0 };
    const digits = await loadDigits();
    const sets = [await prepare('Digits', digits, digits.X, pause)];
    if (full) {
      const images = await loadMnist([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const components = await pointOf(principalComponentIterates(images.X, 50), pause);
      sets.push(await prepare('MNIST', images, project(images.X, components), pause));
    }
    const scores = sets.map((): Record<string, Score> => ({}));
    const gains: number[] = [];
    for (const [s, set] of sets.entries()) {
      for (const [name, options] of decisive) {
        yield { kind: 'progress', label: `${set.name}: ${name}`, fraction: (0.4 * s) / sets.length + 0.1 };
        scores[s][name] = yield* score(method, context, set, name, options);
      }
      gains.push(meanInterval(scores[s]['λ = 2'].nmi).mean - meanInterval(scores[s]['λ = 0'].nmi).mean);
    }
    yield decide('clustering', { gain: gains.map((value, s) => ({ label: sets[s].name, value })) });
    yield* pictures(sets[0], scores[0]['λ = 2'].assignments, pause);
    for (const [s, set] of sets.entries()) {
      for (const [k, [name, options]] of others.entries()) {
        const fraction = 0.5 + (0.5 * (s + k / others.length)) / sets.length;
        yield { kind: 'progress', label: `${set.name}: ${name}`, fraction };
        scores[s][name] = yield* score(method, context, set, name, options);
      }
      const rows = [...decisive, ...others].map(([name]): Cell[] => {
        const { nmi, accuracy, seconds, passes, rises } = scores[s][name];
        const short = [meanInterval(nmi).mean, meanInterval(accuracy).mean, seconds].map((v) => Number(v.toFixed(3)));
        return [name, ...short, passes, rises];
      });
      const started = performance.now();
      const spectral = await pointOf(spectralIterates(set.W, 10, { seed: context.seed }), pause);
      const { labels } = set.images;
      rows.push([
        'spectral',
        Number(normalizedMutualInformation(labels, spectral).toFixed(3)),
        Number(clusterAccuracy(labels, spectral).toFixed(3)),
        Number(((performance.now() - started) / 1000).toFixed(3)),
        null,
        null,
      ]);
      const columns = ['method', 'NMI', 'accuracy', 'seconds a start', 'passes', 'passes that raised F'];
      yield { kind: 'table', title: `${set.name}: means over the starts`, columns, rows };
    }
  },
});

/** The points in the plane of the first two principal components, by cluster and by digit. */
async function* pictures(
  { points, images, name }: Prepared,
  assignments: Int32Array,
  pause: () => Promise<void>,
): AsyncGenerator<ExperimentEvent> {
  const plane = project(images.X, await pointOf(principalComponentIterates(images.X, 2), pause));
  for (const [title, groups] of [
    [`${name}: clusters at λ = 2`, assignments],
    [`${name}: which digit each is`, images.labels],
  ] as const) {
    const shown = Array.from({ length: points.n }, (_, p) => ({
      x: Number(plane.get(p, 0).toFixed(2)),
      y: Number(plane.get(p, 1).toFixed(2)),
      group: groups[p],
    }));
    const picture = { type: 'scatter', xLabel: 'first component', yLabel: 'second component', points: shown } as const;
    yield { kind: 'picture', title, picture };
  }
}
