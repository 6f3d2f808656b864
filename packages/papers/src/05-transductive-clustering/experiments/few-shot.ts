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
import { record } from '../record.ts';
import { byKMeans, byLaplacianShot, byPrototypes, prepared, type Rows, type Task } from '../rival.ts';

const WAYS = 5;
const NOVEL = [5, 6, 7, 8, 9];
const BASE = [0, 1, 2, 3, 4];

const episodes: Parameter = {
  name: 'episodes',
  title: 'Episodes of the tables',
  default: { quick: 60, full: 300 },
  min: 2,
  max: 10_000,
  integer: true,
};
const queries: Parameter = {
  name: 'queries',
  title: 'Queries a class',
  default: { quick: 15, full: 15 },
  min: 1,
  max: 200,
  integer: true,
};

const slk: FewShotOptions = { prototype: 'mean', lambda: 1 };
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
  { title: '1-shot', shots: 1, balanced: true },
  { title: '5-shot', shots: 5, balanced: true },
  { title: '1-shot, queries out of balance', shots: 1, balanced: false },
];

/** The digits of the tasks, in the formats of the method and of its rivals. */
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
function drawn(novel: Novel, index: number, episode: number, context: ExperimentContext): Episode {
  const random = new Random(context.seed).split(index).split(episode);
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
    if ((episode + 1) % 20 === 0)
      yield { kind: 'progress', label: `${title}: episode ${episode + 1}`, fraction: (episode + 1) / most };
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

/** The few-shot part: features from principal components of the digits 0 to 4, tasks with the digits 5 to 9. */
export default experiment(record, {
  id: 'few-shot',
  title: 'Few labels on digits never seen',
  axes: { x: 'episodes', y: 'mean accuracy, %', logY: false },
  parameters: [episodes, queries],
  claims: ['one-shot', 'moving-prototypes', 'clamped-labels'],
  method: libraryMethod,
  async *run(context, decide, method) {
    yield { kind: 'progress', label: 'features', fraction: 0 };
    const novel = await digits(context);
    const looks = (claim: 0 | 1 | 2) => record.claims[claim].draws[context.size];

    type By<Name extends string> = Readonly<Record<Name, readonly number[]>>;
    const oneShot = ({ nearest, plain, slk, kMeans }: By<'nearest' | 'plain' | 'slk' | 'kMeans'>) => ({
      kMeans: gain(plain, nearest),
      slk: gain(slk, nearest),
      graph: gain(slk, kMeans),
    });
    const plain: FewShotOptions = { prototype: 'mean', lambda: 0 };
    const inOne = { nearest: byPrototypes, plain, slk, kMeans: byKMeans };
    const one = yield* played(method, context, novel, 0, inOne, looks(0), (n, of) =>
      decide.enough('one-shot', n, () => oneShot(of)),
    );
    yield decide('one-shot', oneShot(one));

    const moving = (of: By<'slk' | 'shot'>) => ({ gain: gain(of.slk, of.shot) });
    const inMoving = { slk, shot: (task: Task) => byLaplacianShot(task, 1) };
    const moved = yield* played(method, context, novel, 0, inMoving, looks(1), (n, of) =>
      decide.enough('moving-prototypes', n, () => moving(of)),
    );
    yield decide('moving-prototypes', moving(moved));

    const clamped = ({ nearest, held, free }: By<'nearest' | 'held' | 'free'>) => ({
      overPrototypes: gain(held, nearest),
      overFree: gain(held, free),
    });
    const inFive = { nearest: byPrototypes, held: slk, free: { ...slk, clampLabels: false } };
    const five = yield* played(method, context, novel, 1, inFive, looks(2), (n, of) =>
      decide.enough('clamped-labels', n, () => clamped(of)),
    );
    yield decide('clamped-labels', clamped(five));

    for (const index of settings.keys()) yield* compared(method, context, novel, index);
  },
});

async function digits(context: ExperimentContext): Promise<Novel> {
  const pause = pauses(context);
  // 400 images per base class suffice for the components; the full size uses all.
  const base = await loadMnist(BASE, context.size === 'full' ? undefined : 400);
  await pause();
  const components = await pointOf(principalComponentIterates(base.X, 60), pause);
  const { X, labels } = await loadMnist(NOVEL);
  await pause();
  const features = project(X, components);
  const rows = Array.from({ length: features.rows }, (_, p) =>
    Float64Array.from({ length: features.cols }, (_, j) => features.get(p, j)),
  );
  const byClass = NOVEL.map((c) => Int32Array.from(labels.keys()).filter((p) => labels[p] === c));
  return { features, rows, byClass };
}
