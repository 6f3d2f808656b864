import { fingerprint } from '@southwell/numerics/core';
import { Random } from 'southwell';
import {
  areaUnderCurve,
  type ImplicitFactors,
  type ImplicitOptions,
  implicitFactors,
  rankingMetrics,
} from 'southwell/factorisation';
import { Stages } from '../../checkpoints.ts';
import type { Columns } from '../../declaration/columns.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { count } from '../../format.ts';
import { type Entries, entriesOf, matrixOf } from '../completion/entries.ts';
import { recommendationColumns, savedText } from './model.ts';
import type { RecommendRequest } from './options.ts';
import type { Recommended } from './result.ts';

/** Candidate ranks and penalties. */
const RANKS = [4, 8, 16, 32];
const LAMBDAS = [1, 10, 100];
/** Scores within this fraction of the best count as equal: the lower rank is chosen. */
const EQUAL = 0.01;
/** Minimum number of held-out entries for a choice. */
const LEAST = 5;
const USUAL = { rank: 8, lambda: 10 };
/** Length of the evaluated lists. */
const PLACES = 10;

type Tried = NonNullable<Recommended['tried']>[number];
type Measured = Pick<ImplicitFactors, 'predict' | 'topN'>;
type Settled = RecommendRequest & { readonly rank: number; readonly lambda: number };

/** Reads, fits and recommends. Throws on errors in the request or the data, or when stopped before a sweep. */
export async function recommendJob(request: RecommendRequest, tools: TaskTools): Promise<Recommended> {
  const started = performance.now();
  const table = await tools.read();
  const entries = entriesOf(table, request, tools.spell, true);
  const { rows, cols, titles, value } = entries;
  const most = Math.min(rows.length, cols.length);
  if (request.rank !== undefined && request.rank > most) {
    throw new RequestError(
      `${tools.spell('rank')} must be a whole number from 1 to ${most} for a matrix of ${rows.length} × ${cols.length}, but is ${request.rank}.`,
    );
  }
  const order = new Random(request.seed).permutation(value.length);
  const fits = new Fits(entries, tools, request);
  const away = request.holdout === undefined ? 0 : Math.max(1, Math.round(request.holdout * value.length));
  if (away >= value.length) throw new RequestError(`${tools.spell('holdout')} leaves no entries to fit.`);
  const chosen = choose(request, fits, order.slice(away), most);
  const settled = { ...request, ...chosen };
  const heldOut = away > 0 ? fits.holdOut(settled, order.slice(away), order.slice(0, away)) : undefined;
  const model = fits.fit(order.slice().sort(), settled, { stage: 'fit' });
  const seen = rows.map(() => new Set<number>());
  for (let e = 0; e < value.length; e++) seen[entries.row[e]].add(entries.col[e]);
  const lists = rows.map((name, i) => ({ name, found: model.topN(i, request.top, seen[i]) }));
  const { status, iterations, objective } = model.solution;
  return {
    command: tools.command,
    data: { name: table.name, notes: [...table.notes, ...entries.notes, ...chosen.notes] },
    ...{ rows: rows.length, cols: cols.length, observed: value.length, titles },
    ...{ rank: settled.rank, lambda: settled.lambda, alpha: request.alpha, tried: chosen.tried, heldOut },
    factors: factorColumns(entries, model),
    recommendations: recommendationColumns(titles, cols, lists),
    modelText: savedText(model, entries, request.top),
    ...{ objective, status, iterations },
    seconds: (performance.now() - started) / 1000,
  };
}

/** Fits to subsets of the entries, and their shared data. */
class Fits {
  private readonly stages: Stages | undefined;

  constructor(
    readonly entries: Entries,
    private readonly tools: TaskTools,
    request: RecommendRequest,
  ) {
    const { row, col, value } = entries;
    const { rank, lambda, alpha, holdout, tol, seed } = request;
    this.stages = tools.checkpoint
      ? new Stages(
          'factor recommend',
          fingerprint(row, col, value, undefined, { rank, lambda, alpha, holdout, tol, seed }),
          tools.checkpoint,
        )
      : undefined;
  }

  fit(which: Int32Array, request: Settled, { stage, title }: { readonly stage?: string; readonly title?: string }) {
    const { signal, progress } = this.tools;
    const { rank, lambda, alpha, tol, maxIter, timeLimit, seed } = request;
    const M = matrixOf(this.entries, which, this.entries.value);
    const options: ImplicitOptions = {
      ...{ rank, lambda, alpha, tol, maxIter, timeLimit, seed, signal },
      ...(stage !== undefined && this.stages?.stage<never>(stage)),
      onIterate: ({ iteration, objective }) =>
        progress({
          text: `${title === undefined ? '' : `${title}: `}sweep ${iteration}: objective ${objective.toPrecision(6)}`,
          ...{ iteration, objective },
        }),
    };
    try {
      return implicitFactors(M, options);
    } finally {
      M.free();
    }
  }

  /** How well a model trained on some of the entries ranks others. */
  measure(model: Measured, train: Int32Array, held: Int32Array) {
    const { entries } = this;
    const [known, wanted] = [train, held].map((which) => matrixOf(entries, which, entries.value));
    // Any positive entry is relevant.
    const relevant = Number.MIN_VALUE;
    const scores = rankingMetrics(model, known, wanted, { n: PLACES, relevant });
    const auc = areaUnderCurve(model, known, wanted, { relevant });
    known.free();
    wanted.free();
    return { ...scores, auc };
  }

  holdOut(request: Settled, train: Int32Array, held: Int32Array): Recommended['heldOut'] {
    const model = this.fit(train, request, { stage: 'held out', title: 'held out' });
    this.stopped();
    const popular = this.measure(this.byCount(train), train, held);
    return { entries: held.length, places: PLACES, ...this.measure(model, train, held), popular: popular.ndcg };
  }

  /** The popularity baseline: recommends the most frequent columns to all rows. */
  private byCount(train: Int32Array): Measured {
    const { cols, col } = this.entries;
    const counts = new Float64Array(cols.length);
    for (const e of train) counts[col[e]]++;
    const order = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b);
    return {
      predict: (_, j) => counts[j],
      topN: (_, n, except = new Set()) =>
        order
          .filter((j) => !except.has(j))
          .slice(0, n)
          .map((j) => ({ col: j, value: counts[j] })),
    };
  }

  choices() {
    return this.stages?.stage<Tried[]>('choice') ?? {};
  }

  stopped(): void {
    this.tools.signal.throwIfAborted();
  }
}

/** The requested rank and λ; for those not given, the candidates that rank a held-out tenth of the entries best. */
function choose(request: RecommendRequest, fits: Fits, free: Int32Array, most: number) {
  const { rank, lambda } = request;
  if (rank !== undefined && lambda !== undefined) return { rank, lambda, notes: [] };
  const ranks = rank === undefined ? [...new Set(RANKS.map((r) => Math.min(r, most)))] : [rank];
  const lambdas = lambda === undefined ? LAMBDAS : [lambda];
  const tenth = Math.floor(free.length / 10);
  if (tenth < LEAST) {
    const usual = { rank: rank ?? Math.min(USUAL.rank, most), lambda: lambda ?? USUAL.lambda };
    const what = rank !== undefined ? 'lambda' : lambda !== undefined ? 'rank' : 'rank and lambda';
    const note = `${count(free.length, 'pair')} ${free.length === 1 ? 'is' : 'are'} too few to choose ${what}: the defaults, rank ${usual.rank} and lambda ${usual.lambda}, are used.`;
    return { ...usual, notes: [note] };
  }
  const [held, train] = [free.slice(0, tenth), free.slice(tenth)];
  const { resume, checkpoint } = fits.choices();
  const tried = [...(resume ?? [])];
  const candidates = ranks.flatMap((r) => lambdas.map((l) => ({ rank: r, lambda: l })));
  for (const candidate of candidates.slice(tried.length)) {
    const settled = { ...request, ...candidate, maxIter: 15, tol: 1e-3 };
    const model = fits.fit(train, settled, { title: 'choosing rank and lambda' });
    fits.stopped();
    tried.push({ ...candidate, ndcg: fits.measure(model, train, held).ndcg });
    checkpoint?.save([...tried], tried.length);
  }
  const best = tried.reduce((top, { ndcg }) => Math.max(top, ndcg), 0);
  const near = tried.filter(({ ndcg }) => ndcg >= best * (1 - EQUAL));
  const lowest = Math.min(...near.map((t) => t.rank));
  const taken = near.filter((t) => t.rank === lowest).reduce((a, b) => (b.ndcg > a.ndcg ? b : a));
  return { rank: taken.rank, lambda: taken.lambda, tried, notes: [] };
}

/** Factors of rows and of columns, with the number of entries of each. */
function factorColumns({ rows, cols, row, col }: Entries, { rank, factors }: ImplicitFactors): Columns {
  const seen = [new Float64Array(rows.length), new Float64Array(cols.length)];
  for (let e = 0; e < row.length; e++) {
    seen[0][row[e]]++;
    seen[1][col[e]]++;
  }
  const both = <T>(ofRow: (i: number) => T, ofColumn: (j: number) => T): T[] => [
    ...rows.map((_, i) => ofRow(i)),
    ...cols.map((_, j) => ofColumn(j)),
  ];
  return {
    of: both(
      () => 'row',
      () => 'column',
    ),
    name: both(
      (i) => String(rows[i]),
      (j) => String(cols[j]),
    ),
    entries: both(
      (i) => seen[0][i],
      (j) => seen[1][j],
    ),
    ...Object.fromEntries(
      Array.from({ length: rank }, (_, a) => [
        `factor_${a + 1}`,
        both(
          (i) => factors.left[i * rank + a],
          (j) => factors.right[j * rank + a],
        ),
      ]),
    ),
  };
}
