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
import { type Images, loadMnist } from '../../images.ts';
import { pauses, pointOf } from '../../pauses.ts';
import { libraryMethod, type Method } from '../lab.ts';
import { record } from '../record.ts';

const WAYS = 5;
const NOVEL = [5, 6, 7, 8, 9];
const BASE = [0, 1, 2, 3, 4];

const episodes: Parameter = {
  name: 'episodes',
  title: 'Episodes',
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

const methods: Readonly<Record<string, FewShotOptions>> = {
  prototypes: { prototype: 'fixed', lambda: 0 },
  'K-means': { prototype: 'mean', lambda: 0 },
  'SLK-Means, λ = 0.3': { prototype: 'mean', lambda: 0.3 },
  'SLK-Means, λ = 1': { prototype: 'mean', lambda: 1 },
  'SLK-Means, λ = 1, labels not held': { prototype: 'mean', lambda: 1, clampLabels: false },
  'LaplacianShot, λ = 1': { prototype: 'fixed', lambda: 1 },
  'K-modes': { prototype: 'meanShift', lambda: 0 },
  'SLK-MS, λ = 0.3': { prototype: 'meanShift', lambda: 0.3 },
  'SLK-MS, λ = 1': { prototype: 'meanShift', lambda: 1 },
};

interface Setting {
  readonly title: string;
  readonly shots: number;
  /** Classes of the queries in equal parts, or in random ones (uniform on the simplex). */
  readonly balanced: boolean;
}

const settings: readonly Setting[] = [
  { title: '1-shot', shots: 1, balanced: true },
  { title: '5-shot', shots: 5, balanced: true },
  { title: '1-shot, queries out of balance', shots: 1, balanced: false },
];

/** Accuracies by method, one an episode, in per cent. */
type Accuracies = Readonly<Record<string, readonly number[]>>;

/** Mean difference of two methods over the same episodes, with the half-width of its interval. */
const paired = (a: readonly number[], b: readonly number[]) => meanInterval(a.map((v, e) => v - b[e]));

/** One task: which images are labelled, which are asked for. */
function draw(random: Random, byClass: readonly Int32Array[], setting: Setting, each: number) {
  const weights = byClass.map(() => (setting.balanced ? 1 : random.exponential()));
  const total = weights.reduce((a, b) => a + b, 0);
  const support: number[] = [];
  const supportLabels: number[] = [];
  const query: number[] = [];
  const queryLabels: number[] = [];
  byClass.forEach((images, c) => {
    const wanted = setting.balanced ? each : Math.round((weights[c] / total) * each * WAYS);
    const picked = random.sample(images.length, Math.min(images.length, setting.shots + wanted));
    picked.forEach((i, t) => {
      (t < setting.shots ? support : query).push(images[i]);
      (t < setting.shots ? supportLabels : queryLabels).push(c);
    });
  });
  return { support, supportLabels, query, queryLabels };
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

async function* run(
  method: Method,
  context: ExperimentContext,
  features: DenseMatrix,
  images: Images,
  setting: Setting,
  index: number,
): AsyncGenerator<ExperimentEvent, Accuracies> {
  const count = parameterValue(episodes, context);
  const each = parameterValue(queries, context);
  const pause = pauses(context);
  const byClass = NOVEL.map((c) => Int32Array.from(images.labels.keys()).filter((p) => images.labels[p] === c));
  const names = Object.keys(methods);
  const accuracies: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  const seconds: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  for (let episode = 0; episode < count; episode++) {
    // Episodes are the same for all methods.
    const random = new Random(context.seed).split(index).split(episode);
    const task = draw(random, byClass, setting, each);
    const [support, query] = [rowsOf(features, task.support), rowsOf(features, task.query)];
    for (const name of names) {
      const started = performance.now();
      const { classes } = method.classify(support, task.supportLabels, query, methods[name]);
      seconds[name] += (performance.now() - started) / 1000;
      const right = task.queryLabels.filter((c, i) => classes[i] === c).length;
      accuracies[name].push((100 * right) / task.queryLabels.length);
      await pause();
    }
    support.free();
    query.free();
    if ((episode + 1) % 20 === 0 || episode + 1 === count) {
      yield { kind: 'progress', label: setting.title, fraction: (index + (episode + 1) / count) / settings.length };
      for (const name of names) {
        const y = [meanInterval(accuracies[name]).mean];
        const work = { seconds: [seconds[name]] };
        yield { kind: 'points', panel: setting.title, series: name, x: [episode + 1], y, work };
      }
    }
  }
  const rows = names.map((name): Cell[] => {
    const own = meanInterval(accuracies[name]);
    const gain = paired(accuracies[name], accuracies.prototypes);
    return [name, ...[own.mean, own.half, gain.mean, gain.half].map((v) => Number(v.toFixed(2)))];
  });
  const columns = ['method', 'accuracy %', '±', 'over prototypes', '± paired'];
  yield { kind: 'table', title: `${setting.title}: ${count} episodes`, columns, rows };
  return accuracies;
}

/** The few-shot part: features by principal components of the digits 0 to 4, tasks of the digits 5 to 9. */
export default experiment(record, {
  id: 'few-shot',
  title: 'Few labels on digits never seen',
  axes: { x: 'episodes', y: 'mean accuracy, %', logY: false },
  parameters: [episodes, queries],
  claims: ['one-shot', 'clamped-labels'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    yield { kind: 'progress', label: 'features', fraction: 0 };
    // 400 images a base class suffice for the components; the full size takes all.
    const base = await loadMnist(BASE, full ? undefined : 400);
    await pause();
    const components = await pointOf(principalComponentIterates(base.X, 60), pause);
    const novel = await loadMnist(NOVEL);
    await pause();
    const features = project(novel.X, components);

    const one = yield* run(method, context, features, novel, settings[0], 0);
    const kMeans = paired(one['K-means'], one.prototypes);
    const slk = paired(one['SLK-Means, λ = 1'], one.prototypes);
    yield decide('one-shot', {
      kMeans: kMeans.mean,
      slk: slk.mean,
      kMeansLow: full ? kMeans.mean - kMeans.half : undefined,
      slkLow: full ? slk.mean - slk.half : undefined,
    });

    const five = yield* run(method, context, features, novel, settings[1], 1);
    const held = five['SLK-Means, λ = 1'];
    yield decide('clamped-labels', {
      overPrototypes: paired(held, five.prototypes).mean,
      overFree: paired(held, five['SLK-Means, λ = 1, labels not held']).mean,
    });
    yield* run(method, context, features, novel, settings[2], 2);
  },
});
