import { DenseMatrix, Random } from 'southwell';
import {
  clusterAccuracy,
  type LaplacianStart,
  meanInterval,
  normalizedMutualInformation,
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
import { loadDigits, loadMnist } from '../../material/images.ts';
import { type Pause, pauses, pointOf } from '../../pauses.ts';
import { streamed } from '../../streamed.ts';
import { CLUSTERS, libraryMethod, type Method, type Prepared, prepare } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { kMeans, type Rows, starts } from '../rival.ts';

const { sizes, draws } = locked.claims.clustering;

const count: Parameter = {
  name: 'starts',
  title: 'Starts of the tables',
  default: { quick: sizes.quick.table, full: sizes.full.table },
  min: 1,
  max: 100,
  integer: true,
};

/** The initial prototypes of all methods. */
const startOf = ({ rows }: Prepared, context: ExperimentContext, start: number) =>
  starts(rows, CLUSTERS, new Random(context.seed).split(start));

interface Fit {
  readonly assignments: Int32Array;
  readonly seconds: number;
  readonly passes: number;
  /** Number of passes that increased the relaxed energy beyond rounding. */
  readonly rises: number;
  /** The mutual information after each iteration. */
  readonly curve: { readonly x: number[]; readonly y: number[]; readonly seconds: number[] };
}

async function fit(
  method: Method,
  { images, points, W }: Prepared,
  start: Rows,
  options: LaplacianStart,
  pause: Pause,
  each?: (x: number, y: number, seconds: number) => void,
): Promise<Fit> {
  const init = DenseMatrix.fromRows(start.map((row) => Array.from(row)));
  const curve: Fit['curve'] = { x: [], y: [], seconds: [] };
  let [spent, rises] = [0, 0];
  let resumed = performance.now();
  for (const it of method.iterates(points, CLUSTERS, W, { ...options, init })) {
    spent += (performance.now() - resumed) / 1000;
    const last = it.bound.length - 1;
    if (last > 0 && it.bound[last] > it.bound[last - 1] + 1e-9 * Math.abs(it.bound[last - 1])) rises++;
    const over = it.done !== undefined || (it.certificate?.relative ?? 1) <= 1e-4 || it.iteration >= 100;
    if (curve.x.length === 0 || it.iteration > curve.x[curve.x.length - 1]) {
      const information = normalizedMutualInformation(images.labels, it.snapshot().assignments);
      curve.x.push(it.iteration);
      curve.y.push(information);
      curve.seconds.push(spent);
      each?.(it.iteration, information, spent);
    }
    await pause();
    if (over) {
      const { assignments } = it.snapshot();
      return { assignments, seconds: spent, passes: it.work.epochs ?? 0, rises, curve };
    }
    resumed = performance.now();
  }
  throw new Error('The method must say how it ended.');
}

/** A fit whose curve grows while it runs. */
const drawnFit = (
  method: Method,
  set: Prepared,
  start: Rows,
  series: string,
  options: LaplacianStart,
  pause: Pause,
): AsyncGenerator<ExperimentEvent, Fit> =>
  streamed((emit) => {
    const curve = { kind: 'points', panel: `${set.name}: mutual information`, series } as const;
    let restart = true;
    return fit(method, set, start, options, pause, (x, y, seconds) => {
      emit({ ...curve, x: [x], y: [y], work: { seconds: [seconds] }, ...(restart && { restart }) });
      restart = false;
    });
  });

type Prototypes = readonly [string, LaplacianStart];
const means = (lambda: number): Prototypes => [`λ = ${lambda}`, { prototype: 'mean', lambda }];
const shown: readonly Prototypes[] = [
  ...[0, 0.5, 1, 2, 4].map(means),
  ['K-modes', { prototype: 'meanShift', lambda: 0 }],
  ['SLK-MS, λ = 2', { prototype: 'meanShift', lambda: 2 }],
];

/** Clustering of whole data sets, with and without the graph. */
export default experiment(record, {
  id: 'clustering',
  title: 'Clusters of whole data sets, with and without neighbours',
  panels: [
    {
      title: '{data}: mutual information',
      x: { label: 'outer iterations' },
      y: { label: 'normalised mutual information' },
      series: [
        { id: 'λ = 0', name: 'no graph' },
        { id: 'λ = 2', name: 'graph, λ = 2' },
        'K-modes',
        { id: 'λ = 0.5', name: 'graph, λ = 0.5' },
        { id: 'λ = 1', name: 'graph, λ = 1' },
        { id: 'λ = 4', name: 'graph, λ = 4' },
        { id: 'SLK-MS, λ = 2', name: 'K-modes and graph, λ = 2' },
      ],
      control: 'λ = 0',
    },
  ],
  parameters: [count],
  claims: ['clustering'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    yield { kind: 'progress', label: 'neighbours', fraction: 0 };
    const sets = await prepared(context, pause);
    const gains = sets.map((): number[] => []);
    const values = () => ({ gain: sets.map(({ name }, s) => ({ label: name, draws: gains[s] })) });
    const most = Math.max(...draws[context.size]);
    let first: Fit | undefined;
    for (let start = 0; !decide.enough('clustering', start, values); start++) {
      for (const [s, set] of sets.entries()) {
        yield { kind: 'progress', label: `${set.name}: start ${start + 1}`, fraction: (0.5 * start) / most };
        const { labels } = set.images;
        const from = startOf(set, context, start);
        const plain = kMeans(set.rows, from);
        await pause();
        const [name, options] = means(sizes[context.size].lambda);
        const found =
          start === 0
            ? yield* drawnFit(method, set, from, name, options, pause)
            : await fit(method, set, from, options, pause);
        first ??= found;
        const gain =
          normalizedMutualInformation(labels, found.assignments) - normalizedMutualInformation(labels, plain);
        gains[s].push(gain);
      }
    }
    yield decide('clustering', values());
    yield* pictures(sets[0], first!.assignments, pause);
    for (const [s, set] of sets.entries()) {
      const progress = { from: 0.5 + (0.5 * s) / sets.length, share: 0.5 / sets.length };
      yield* compared(method, context, set, progress, pause);
    }
  },
});

async function prepared(context: ExperimentContext, pause: Pause): Promise<Prepared[]> {
  const digits = await loadDigits();
  const sets = [await prepare('Digits', digits, digits.X, pause)];
  const wanted: readonly string[] = sizes[context.size].sets;
  if (wanted.includes('MNIST')) {
    const images = await loadMnist([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const components = await pointOf(principalComponentIterates(images.X, sizes[context.size].components), pause);
    sets.push(await prepare('MNIST', images, project(images.X, components), pause));
  }
  return sets;
}

/** Other weights of the graph, other prototypes and spectral clustering, in a table. */
async function* compared(
  method: Method,
  context: ExperimentContext,
  set: Prepared,
  progress: { readonly from: number; readonly share: number },
  pause: Pause,
): AsyncGenerator<ExperimentEvent> {
  const { labels } = set.images;
  const starts = parameterValue(count, context);
  const three = (v: number) => Number(v.toFixed(3));
  const rows: Cell[][] = [];
  for (const [k, [name, options]] of shown.entries()) {
    const label = `${set.name}: ${name}`;
    yield { kind: 'progress', label, fraction: progress.from + (progress.share * k) / shown.length };
    const fits: Fit[] = [];
    fits.push(yield* drawnFit(method, set, startOf(set, context, 0), name, options, pause));
    for (let start = 1; start < starts; start++)
      fits.push(await fit(method, set, startOf(set, context, start), options, pause));
    const mean = (of: (fit: Fit) => number) => meanInterval(fits.map(of)).mean;
    const sum = (of: (fit: Fit) => number) => fits.reduce((total, fit) => total + of(fit), 0);
    rows.push([
      name,
      three(mean(({ assignments }) => normalizedMutualInformation(labels, assignments))),
      three(mean(({ assignments }) => clusterAccuracy(labels, assignments))),
      three(mean((fit) => fit.seconds)),
      sum((fit) => fit.passes),
      sum((fit) => fit.rises),
    ]);
  }
  const started = performance.now();
  const spectral = await pointOf(spectralIterates(set.W, CLUSTERS, { seed: context.seed }), pause);
  const seconds = (performance.now() - started) / 1000;
  const [nmi, accuracy] = [normalizedMutualInformation(labels, spectral), clusterAccuracy(labels, spectral)];
  rows.push(['spectral', three(nmi), three(accuracy), three(seconds), null, null]);
  const columns = ['method', 'NMI', 'accuracy', 'seconds a start', 'passes', 'passes that raised F'];
  yield { kind: 'table', title: `${set.name}: means over the starts`, columns, rows };
}

/** The points in the plane of the first two principal components, by cluster and by digit. */
async function* pictures(
  { points, images, name }: Prepared,
  assignments: Int32Array,
  pause: Pause,
): AsyncGenerator<ExperimentEvent> {
  const plane = project(images.X, await pointOf(principalComponentIterates(images.X, 2), pause));
  for (const [title, groups, noun] of [
    [`${name}: clusters at λ = 2`, assignments, 'cluster'],
    [`${name}: which digit each is`, images.labels, 'digit'],
  ] as const) {
    const shown = Array.from({ length: points.n }, (_, p) => ({
      x: Number(plane.get(p, 0).toFixed(2)),
      y: Number(plane.get(p, 1).toFixed(2)),
      group: groups[p],
    }));
    const names = Array.from({ length: Math.max(...groups) + 1 }, (_, g) => `${noun} ${g}`);
    const axes = { xLabel: 'first component', yLabel: 'second component' };
    yield { kind: 'picture', title, picture: { type: 'scatter', ...axes, points: shown, groups: names } };
  }
}
