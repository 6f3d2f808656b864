import { DenseMatrix, Random } from 'southwell';
import { type FewShotOptions, meanInterval, principalComponentIterates, project } from 'southwell/clustering';
import { experiment } from '../../define.ts';
import {
  type Cell,
  type ExperimentContext,
  type ExperimentEvent,
  type Parameter,
  parameterValue,
} from '../../experiment.ts';
import { loadMnist } from '../../material/images.ts';
import { pauses, pointOf } from '../../pauses.ts';
import { libraryMethod, type Method } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { byKMeans, byLaplacianShot, byPrototypes, prepared, type Rows, type Task } from '../rival.ts';

const { claims, grids } = locked;
const { ways: WAYS, lambda: LAMBDA } = claims['one-shot'].sizes.quick;
const NOVEL = [5, 6, 7, 8, 9];
const BASE = [0, 1, 2, 3, 4];
/** The stream of episodes of the base classes; those of the settings are 0, 1, … */
const VALIDATION = 100;

const episodes: Parameter = {
  name: 'episodes',
  title: 'Episodes of the tables',
  default: { quick: claims['one-shot'].sizes.quick.table, full: claims['one-shot'].sizes.full.table },
  min: 2,
  max: 10_000,
  integer: true,
};
const queries: Parameter = {
  name: 'queries',
  title: 'Queries a class',
  default: { quick: claims['one-shot'].sizes.quick.queries, full: claims['one-shot'].sizes.full.queries },
  min: 1,
  max: 200,
  integer: true,
};

const slk: FewShotOptions = { prototype: 'mean', lambda: LAMBDA };
const methods: Readonly<Record<string, FewShotOptions>> = {
  prototypes: { prototype: 'fixed', lambda: 0 },
  'K-means': { prototype: 'mean', lambda: 0 },
  'SLK-Means, λ = 0.3': { prototype: 'mean', lambda: 0.3 },
  'SLK-Means, λ = 1': slk,
  'SLK-Means, λ = 1, labels not held': { ...slk, clampLabels: false },
  'LaplacianShot, λ = 1': { prototype: 'fixed', lambda: 1 },
  'K-modes': { prototype: 'meanShift', lambda: 0 },
  'SLK-MS, λ = 0.3': { prototype: 'meanShift', lambda: 0.3 },
  'SLK-MS, λ = 1': { prototype: 'meanShift', lambda: 1 },
};

interface Setting {
  readonly title: string;
  readonly shots: number;
  /** Whether the query classes are balanced, or in random proportions (uniform on the simplex). */
  readonly balanced: boolean;
}

const settings: readonly Setting[] = [
  { title: '1-shot', shots: claims['one-shot'].sizes.quick.shots, balanced: true },
  { title: '5-shot', shots: claims['clamped-labels'].sizes.quick.shots, balanced: true },
  { title: '1-shot, queries out of balance', shots: 1, balanced: false },
];

/** The digits of tasks, in the formats of the method and of its rivals. */
interface Novel {
  readonly features: DenseMatrix;
  readonly rows: Rows;
  readonly byClass: readonly Int32Array[];
}

/** A task: the labelled images, the queries, and the true classes. */
interface Episode {
  readonly task: Task;
  readonly truth: readonly number[];
  readonly support: DenseMatrix;
  readonly query: DenseMatrix;
}

/** Episodes are the same for all methods. */
function drawn(novel: Novel, index: number, episode: number, context: ExperimentContext, stream = index): Episode {
  const random = new Random(context.seed).split(stream).split(episode);
  const each = parameterValue(queries, context);
  const { shots, balanced } = settings[index];
  const weights = novel.byClass.map(() => (balanced ? 1 : random.exponential()));
  const total = weights.reduce((a, b) => a + b, 0);
  const [support, labels, query, truth]: number[][] = [[], [], [], []];
  novel.byClass.forEach((images, c) => {
    const wanted = balanced ? each : Math.round((weights[c] / total) * each * WAYS);
    random.sample(images.length, Math.min(images.length, shots + wanted)).forEach((i, t) => {
      (t < shots ? support : query).push(images[i]);
      (t < shots ? labels : truth).push(c);
    });
  });
  const of = (list: readonly number[]) => list.map((p) => novel.rows[p]);
  return {
    task: { support: of(support), labels, query: of(query) },
    truth,
    support: rowsOf(novel.features, support),
    query: rowsOf(novel.features, query),
  };
}

function rowsOf(X: DenseMatrix, rows: readonly number[]): DenseMatrix {
  const out = DenseMatrix.create(rows.length, X.cols);
  for (let j = 0; j < X.cols; j++) {
    const [from, to] = [X.column(j), out.column(j)];
    rows.forEach((p, i) => {
      to[i] = from[p];
    });
  }
  return out;
}

/** In per cent. */
const accuracy = (found: ArrayLike<number>, truth: readonly number[]): number =>
  (100 * truth.filter((c, i) => found[i] === c).length) / truth.length;

/** A participant of a claim: a rival with its own code, or options of the method. */
type Player = ((task: Task) => number[]) | FewShotOptions;

/** Accuracies of participants on the same episodes, with more and more of them until the claim has enough. */
async function* played<const Name extends string>(
  method: Method,
  context: ExperimentContext,
  novel: Novel,
  index: number,
  players: Readonly<Record<Name, Player>>,
  looks: readonly number[],
  enough: (episodes: number, of: Readonly<Record<Name, readonly number[]>>) => boolean,
): AsyncGenerator<ExperimentEvent, Readonly<Record<Name, readonly number[]>>> {
  const pause = pauses(context);
  const names = Object.keys(players) as Name[];
  const of = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  const { title } = settings[index];
  const most = looks[looks.length - 1];
  for (let episode = 0; !enough(episode, of); episode++) {
    const { task, truth, support, query } = drawn(novel, index, episode, context);
    const ready = prepared(task);
    for (const name of names) {
      const player: Player = players[name];
      const found =
        typeof player === 'function' ? player(ready) : method.classify(support, task.labels, query, player).classes;
      of[name].push(accuracy(found, truth));
      await pause();
    }
    support.free();
    query.free();
    if ((episode + 1) % 20 !== 0) continue;
    yield { kind: 'progress', label: `${title}: episode ${episode + 1}`, fraction: (episode + 1) / most };
    for (const series of names) {
      const panel = `${title}: participants of the claim`;
      const more = episode < 20 ? ({ restart: true } as const) : {};
      yield { kind: 'points', panel, series, ...more, x: [episode + 1], y: [meanInterval(of[series]).mean] };
    }
  }
  return of;
}

/** All methods in one setting, in a table. */
async function* compared(
  method: Method,
  context: ExperimentContext,
  novel: Novel,
  index: number,
): AsyncGenerator<ExperimentEvent> {
  const count = parameterValue(episodes, context);
  const { title } = settings[index];
  const pause = pauses(context);
  const names = Object.keys(methods);
  const accuracies: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  const seconds: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  for (let episode = 0; episode < count; episode++) {
    const { task, truth, support, query } = drawn(novel, index, episode, context);
    for (const name of names) {
      const started = performance.now();
      const { classes } = method.classify(support, task.labels, query, methods[name]);
      seconds[name] += (performance.now() - started) / 1000;
      accuracies[name].push(accuracy(classes, truth));
      await pause();
    }
    support.free();
    query.free();
    if ((episode + 1) % 20 === 0 || episode + 1 === count) {
      yield { kind: 'progress', label: title, fraction: (index + (episode + 1) / count) / settings.length };
      for (const name of names) {
        const y = [meanInterval(accuracies[name]).mean];
        const work = { seconds: [seconds[name]] };
        yield { kind: 'points', panel: title, series: name, x: [episode + 1], y, work };
      }
    }
  }
  const rows = names.map((name): Cell[] => {
    const own = meanInterval(accuracies[name]);
    const gain = meanInterval(differences(accuracies[name], accuracies.prototypes));
    return [name, ...[own.mean, own.half, gain.mean, gain.half].map((v) => Number(v.toFixed(2)))];
  });
  const columns = ['method', 'accuracy %', '±', 'over prototypes', '± paired'];
  yield { kind: 'table', title: `${title}: ${count} episodes`, columns, rows };
}

const differences = (a: readonly number[], b: readonly number[]): number[] => a.map((v, e) => v - b[e]);
/** Paired differences of two participants on the same episodes. */
const gain = (a: readonly number[], b: readonly number[]) => ({ draws: differences(a, b) });

const CHOICE = 'the weight of the graph, on base classes';
const BY_WEIGHT = 'Accuracy on base classes by the weight of the graph';

/** The few-shot part: features from principal components of the digits 0 to 4, tasks with the digits 5 to 9. */
export default experiment(record, {
  id: 'few-shot',
  title: 'Few labels on digits never seen',
  panels: [
    {
      title: '{setting}',
      x: { label: 'episodes' },
      y: { label: 'mean accuracy', unit: '%' },
      series: Object.keys(methods),
      control: 'prototypes',
    },
    {
      title: '{setting}: participants of the claim',
      x: { label: 'episodes' },
      y: { label: 'mean accuracy', unit: '%' },
      series: [
        { id: 'nearest', name: 'prototypes' },
        { id: 'plain', name: 'K-means' },
        { id: 'slk', name: 'SLK-Means' },
        { id: 'kMeans', name: 'K-means, code of its own' },
        { id: 'shot', name: 'LaplacianShot' },
        { id: 'held', name: 'SLK-Means, labels held' },
        { id: 'free', name: 'SLK-Means, labels not held' },
      ],
      control: 'nearest',
    },
    {
      title: BY_WEIGHT,
      x: { label: 'weight λ of the graph', log: true },
      y: { label: 'mean accuracy', unit: '%' },
      series: ['SLK', 'LaplacianShot'],
    },
  ],
  parameters: [episodes, queries],
  claims: ['one-shot', 'moving-prototypes', 'clamped-labels'],
  method: libraryMethod,
  async *run(context, decide, method) {
    yield { kind: 'progress', label: 'features', fraction: 0 };
    const { novel, base } = await digits(context);
    const looks = (claim: 'one-shot' | 'moving-prototypes' | 'clamped-labels') => claims[claim].draws[context.size];
    yield { kind: 'progress', label: CHOICE, fraction: 0 };
    const lambda = yield* tuned(method, context, base);
    const byShot = (task: Task) => byLaplacianShot(task, lambda.LaplacianShot);

    type By<Name extends string> = Readonly<Record<Name, readonly number[]>>;
    const oneShot = ({ nearest, plain, slk, kMeans, shot }: By<'nearest' | 'plain' | 'slk' | 'kMeans' | 'shot'>) => ({
      kMeans: gain(plain, nearest),
      slk: gain(slk, nearest),
      graph: gain(slk, kMeans),
      lead: gain(slk, bestOf([nearest, kMeans, shot])),
    });
    const plain: FewShotOptions = { prototype: 'mean', lambda: 0 };
    const inOne = { nearest: byPrototypes, plain, slk, kMeans: byKMeans, shot: byShot };
    const one = yield* played(method, context, novel, 0, inOne, looks('one-shot'), (n, of) =>
      decide.enough('one-shot', n, () => oneShot(of)),
    );
    yield decide('one-shot', oneShot(one));

    const moving = (of: By<'slk' | 'shot'>) => ({ gain: gain(of.slk, of.shot) });
    const inMoving = { slk: { ...slk, lambda: lambda.SLK }, shot: byShot };
    const moved = yield* played(method, context, novel, 0, inMoving, looks('moving-prototypes'), (n, of) =>
      decide.enough('moving-prototypes', n, () => moving(of)),
    );
    yield decide('moving-prototypes', moving(moved));

    const clamped = ({ nearest, held, free }: By<'nearest' | 'held' | 'free'>) => ({
      overPrototypes: gain(held, nearest),
      overFree: gain(held, free),
    });
    const inFive = { nearest: byPrototypes, held: slk, free: { ...slk, clampLabels: false } };
    const five = yield* played(method, context, novel, 1, inFive, looks('clamped-labels'), (n, of) =>
      decide.enough('clamped-labels', n, () => clamped(of)),
    );
    yield decide('clamped-labels', clamped(five));

    for (const index of settings.keys()) yield* compared(method, context, novel, index);
  },
});

/** The accuracies of the participant with the largest mean. */
const bestOf = (all: ReadonlyArray<readonly number[]>): readonly number[] => {
  const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / v.length;
  return all.reduce((best, one) => (mean(one) > mean(best) ? one : best));
};

/** λ of the method and of LaplacianShot: the best of the same grid on episodes of the base classes, as in the paper. */
async function* tuned(method: Method, context: ExperimentContext, base: Novel) {
  const pause = pauses(context);
  const count = claims['moving-prototypes'].sizes[context.size].validation;
  const right = { SLK: new Map<number, number>(), LaplacianShot: new Map<number, number>() };
  for (let episode = 0; episode < count; episode++) {
    const { task, truth, support, query } = drawn(base, 0, episode, context, VALIDATION);
    const ready = prepared(task);
    const add = (of: Map<number, number>, lambda: number, found: ArrayLike<number>) =>
      of.set(lambda, (of.get(lambda) ?? 0) + accuracy(found, truth));
    for (const lambda of grids.SLK.lambda) {
      add(right.SLK, lambda, method.classify(support, task.labels, query, { ...slk, lambda }).classes);
      await pause();
    }
    for (const lambda of grids.LaplacianShot.lambda) {
      add(right.LaplacianShot, lambda, byLaplacianShot(ready, lambda));
      await pause();
    }
    support.free();
    query.free();
    for (const [series, of] of Object.entries(right)) {
      const [x, y] = [[...of.keys()], Array.from(of.values(), (sum) => sum / (episode + 1))];
      yield { kind: 'points', panel: BY_WEIGHT, series, restart: true, x, y } as const;
    }
    yield { kind: 'progress', label: CHOICE, fraction: (0.1 * (episode + 1)) / count } as const;
  }
  const best = (of: Map<number, number>) => [...of].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
  return { SLK: best(right.SLK), LaplacianShot: best(right.LaplacianShot) };
}

async function digits(context: ExperimentContext): Promise<{ readonly novel: Novel; readonly base: Novel }> {
  const pause = pauses(context);
  // A few hundred images per base class suffice for the components; the full size uses all.
  const { baseImages, components: count } = claims['one-shot'].sizes[context.size];
  const base = await loadMnist(BASE, baseImages === 'all' ? undefined : baseImages);
  await pause();
  const components = await pointOf(principalComponentIterates(base.X, count), pause);
  const known = novelOf(project(base.X, components), base.labels, BASE);
  const { X, labels } = await loadMnist(NOVEL);
  await pause();
  return { novel: novelOf(project(X, components), labels, NOVEL), base: known };
}

function novelOf(features: DenseMatrix, labels: ArrayLike<number>, classes: readonly number[]): Novel {
  const rows = Array.from({ length: features.rows }, (_, p) =>
    Float64Array.from({ length: features.cols }, (_, j) => features.get(p, j)),
  );
  const byClass = classes.map((c) => Int32Array.from(rows.keys()).filter((p) => labels[p] === c));
  return { features, rows, byClass };
}
