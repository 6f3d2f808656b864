import { fingerprint, type Iterate, type Solution } from '@southwell/numerics/core';
import {
  CpModel,
  coreConsistency,
  cpAsync,
  hosvdAsync,
  randomizedHosvd,
  type SparseTensor,
  type Tensor,
  TrainModel,
  tensorTrainAsync,
  tuckerAlsAsync,
} from 'southwell/tensors';
import { Stages } from '../../checkpoints.ts';
import type { Columns } from '../../declaration/columns.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { type Mode, type NamedTensor, tensorOf } from './array.ts';
import { savedText, type TensorForm } from './model.ts';
import type { TensorRequest } from './options.ts';
import type { FactoredTensor } from './result.ts';

/** Maximum number of values of a dense tensor. */
const WHOLE = 50_000_000;
/** Maximum number of values for which core consistency, which needs the dense tensor, is computed. */
const LOOKED_AT = 4_000_000;
/** Components that cancel to this degree suggest that the rank is too high. */
const CANCEL = -0.9;
const DEFAULT_RANK = 2;
const DEFAULT_ERROR = 0.01;

interface Fitted {
  readonly form: TensorForm;
  readonly error: number;
  readonly unknown: ReadonlyArray<readonly number[]>;
  readonly solution: Solution<unknown>;
  readonly notes: readonly string[];
}

/** Reads and decomposes. Throws on errors in the request or the data. */
export async function tensorJob(request: TensorRequest, tools: TaskTools): Promise<FactoredTensor> {
  const started = performance.now();
  const table = await tools.read();
  const named = tensorOf(table, request, tools.spell);
  const { tensor, modes } = named;
  const { method } = request;
  tools.signal.throwIfAborted();
  const stages = tools.checkpoint && new Stages('factor tensor', problemOf(request, named), tools.checkpoint);
  const fits = new TensorFits(request, tools, stages);
  const [rank, ...others] = fits.ranks() ?? [DEFAULT_RANK];
  if (method === 'cp' && others.length > 0) {
    throw new RequestError(
      `${tools.spell('rank')} must be one number for cp, the number of components, not ${request.rank?.join(', ')}.`,
    );
  }
  const scan: Array<NonNullable<FactoredTensor['scan']>[number]> = [];
  if (method === 'cp' && request.scan) {
    for (let r = 1; r < rank && !tools.signal.aborted; r++) scan.push(triedOf(tensor, await fits.cp(tensor, r)));
  }
  const found =
    method === 'cp'
      ? await fits.cp(tensor, rank)
      : method === 'tucker'
        ? await fits.tucker(tensor)
        : await fits.direct(tensor);
  const { form, error, unknown, solution } = found;
  if (request.scan) scan.push(triedOf(tensor, found));
  const consistency = form instanceof CpModel ? consistencyOf(tensor, form) : undefined;
  const size = tensor.shape.reduce((product, n) => product * n, 1);
  const known =
    tensor.kind === 'sparse' ? tensor.count : tensor.data.reduce((sum, v) => sum + (Number.isNaN(v) ? 0 : 1), 0);
  return {
    command: tools.command,
    method,
    data: { name: table.name, notes: [...table.notes, ...named.notes, ...found.notes] },
    shape: tensor.shape,
    modes: modes.map(({ title }) => title),
    known,
    missing: tensor.kind === 'sparse' && !tensor.missing ? 0 : size - known,
    ranks: form instanceof CpModel ? [form.rank] : form.ranks,
    relativeError: error,
    parameters: form.parameters,
    ...(form instanceof CpModel && {
      weights: [...form.weights],
      congruence: form.congruence,
      coreConsistency: consistency,
    }),
    ...(request.scan && { scan }),
    unknown: unknown.map((of, k) => of.map((i) => modes[k].names[i])),
    factors: factorColumns(form, modes),
    core: form.kind === 'tucker' ? coreColumns(form.core, modes) : undefined,
    trace: solution.trace.map(({ iteration, objective }) => ({
      sweep: iteration,
      error: Math.sqrt(2 * (objective ?? 0)),
    })),
    advice: adviceOf(form, unknown, modes, consistency, known),
    modelText: savedText(form, modes, named.value, unknown),
    status: solution.status,
    iterations: solution.iterations,
    seconds: (performance.now() - started) / 1000,
  };
}

class TensorFits {
  constructor(
    private readonly request: TensorRequest,
    private readonly tools: TaskTools,
    private readonly stages: Stages | undefined,
  ) {}

  private watched(stage: string, title = '') {
    const { signal, progress } = this.tools;
    return {
      ...this.stages?.stage<never>(stage),
      signal,
      timeLimit: this.request.timeLimit,
      onIterate: ({ iteration, objective }: Iterate<unknown>) =>
        progress({
          text: `${title}step ${iteration}: relative error ${Math.sqrt(2 * objective).toPrecision(4)}`,
          ...{ iteration, objective },
        }),
    };
  }

  async cp(tensor: Tensor | SparseTensor, rank: number): Promise<Fitted> {
    const { nonNegative, missing, init, starts, seed, tol, maxIter } = this.request;
    const title = this.request.scan ? `rank ${rank}: ` : '';
    const model = await cpAsync(tensor, {
      ...{ rank, nonNegative, missing, starts, seed },
      ...(init && { init }),
      ...(tol !== undefined && { tol }),
      ...(maxIter !== undefined && { maxIter }),
      ...this.watched(`rank ${rank}`, title),
    });
    return { form: model, error: model.error, unknown: model.unknown, solution: model.solution, notes: [] };
  }

  async tucker(given: Tensor | SparseTensor): Promise<Fitted> {
    const { nonNegative, missing, init, seed, tol, maxIter } = this.request;
    const tensor = this.whole(given);
    const { ranks = [], notes } = this.ranksFor(tensor, DEFAULT_RANK);
    const model = await tuckerAlsAsync(tensor, {
      ...{ ranks, nonNegative, missing, seed },
      ...(init && { init }),
      ...(tol !== undefined && { tol }),
      ...(maxIter !== undefined && { maxIter }),
      ...this.watched('sweeps'),
    });
    return { form: model, error: model.error, unknown: model.unknown, solution: model.solution, notes };
  }

  /** Methods without sweeps: a higher-order SVD or a tensor train. */
  async direct(given: Tensor | SparseTensor): Promise<Fitted> {
    const { method, randomized, seed, tol } = this.request;
    const tensor = this.whole(given);
    const { spell } = this.tools;
    const { ranks, notes } = this.ranksFor(tensor);
    if (ranks && tol !== undefined) {
      throw new RequestError(
        `${spell('tol')} determines the ranks of ${method}: give it or ${spell('rank')}, not both.`,
      );
    }
    if (randomized && !ranks) throw new RequestError(`${spell('randomized')} needs ${spell('rank')}.`);
    const how = ranks ? { ranks } : { tol: tol ?? DEFAULT_ERROR };
    const watched = this.watched('modes');
    const model =
      method === 'tt'
        ? await tensorTrainAsync(tensor, { ...how, ...watched })
        : randomized
          ? randomizedHosvd(tensor, { ranks: ranks!, seed, ...watched })
          : await hosvdAsync(tensor, { ...how, ...watched });
    return { form: model, error: model.error, unknown: tensor.shape.map(() => []), solution: model.solution, notes };
  }

  /** The requested ranks. */
  ranks(): readonly number[] | undefined {
    const { rank } = this.request;
    const wrong = rank?.find((r) => !Number.isSafeInteger(r));
    if (wrong !== undefined) throw new RequestError(`${this.tools.spell('rank')} must be whole numbers, not ${wrong}.`);
    return rank;
  }

  private whole(tensor: Tensor | SparseTensor): Tensor {
    if (tensor.kind === 'dense') return tensor;
    const size = tensor.shape.reduce((product, n) => product * n, 1);
    if (size > WHOLE) {
      throw new RequestError(
        `${tensor.shape.join(' × ')} are ${size.toPrecision(3)} values, too many for ${this.request.method}, which needs the dense tensor; cp uses only the listed entries.`,
      );
    }
    return tensor.toDense();
  }

  /** The requested ranks; a single rank is limited to what the shape allows. */
  private ranksFor(
    { shape }: Tensor,
    usual?: number,
  ): { readonly ranks?: readonly number[]; readonly notes: readonly string[] } {
    const { method } = this.request;
    const [rank = usual, ...others] = this.ranks() ?? [];
    if (others.length > 0) {
      const wanted = method === 'tt' ? shape.length - 1 : shape.length;
      if (others.length + 1 !== wanted) {
        throw new RequestError(
          `${this.tools.spell('rank')} must be one number, or ${wanted} for the shape ${shape.join(' × ')}, not ${others.length + 1}.`,
        );
      }
      return { ranks: [rank!, ...others], notes: [] };
    }
    if (rank === undefined) return { notes: [] };
    if (method === 'tt') return { ranks: shape.slice(1).map(() => rank), notes: [] };
    const found = shape.map((n) => Math.min(n, rank));
    // A rank is at most the product of the others; reducing one may reduce the next.
    for (let pass = 0; pass < shape.length; pass++) {
      for (const [k, r] of found.entries())
        found[k] = Math.min(r, found.reduce((product, other) => product * other, 1) / r);
    }
    const less = found.some((r) => r < rank) ? [`The shape limits the ranks to ${found.join(' × ')}.`] : [];
    return { ranks: found, notes: less };
  }
}

function consistencyOf(tensor: Tensor | SparseTensor, model: CpModel): number | undefined {
  const size = tensor.shape.reduce((product, n) => product * n, 1);
  return size <= LOOKED_AT && model.rank ** tensor.order <= LOOKED_AT ? coreConsistency(tensor, model) : undefined;
}

function triedOf(tensor: Tensor | SparseTensor, { form, error, solution }: Fitted) {
  const model = form as CpModel;
  return { rank: model.rank, error, coreConsistency: consistencyOf(tensor, model), status: solution.status };
}

function adviceOf(
  form: TensorForm,
  unknown: ReadonlyArray<readonly number[]>,
  modes: readonly Mode[],
  consistency: number | undefined,
  known: number,
): string[] {
  const dark = unknown.flatMap((of, k) =>
    of.length > 0 ? [`${`${of.length} ${of.length === 1 ? 'index' : 'indices'}`} of ${modes[k].title}`] : [],
  );
  const cancel = form instanceof CpModel && form.congruence < CANCEL;
  return [
    ...(form.parameters >= known
      ? [
          'The decomposition has at least as many parameters as there are data, so that the fit is meaningless. Use a lower rank.',
        ]
      : []),
    ...(dark.length > 0 ? [`There are no known entries of ${dark.join(' and ')}: no predictions are made there.`] : []),
    ...(cancel
      ? [
          'Two components nearly cancel and diverge with further sweeps: the problem may have no best approximation; use a lower rank or non-negative factors.',
        ]
      : []),
    ...(consistency !== undefined && consistency < 50 && !cancel
      ? [
          `Core consistency is ${consistency < -1000 ? 'far below 0' : `${consistency.toFixed(0)} %`}: the components interact, and fewer may suffice.`,
        ]
      : []),
  ];
}

/** Weights of components, then a row for each index of each mode; for a tensor train the entries of its cores. */
function factorColumns(form: TensorForm, modes: readonly Mode[]): Columns {
  if (form instanceof TrainModel) {
    const rows = form.cores.flatMap(({ shape: [, n, s], data }, k) =>
      Array.from(data, (value, e) => ({
        mode: modes[k].title,
        name: modes[k].names[Math.floor(e / s) % n],
        before: Math.floor(e / (n * s)) + 1,
        after: (e % s) + 1,
        value,
      })),
    );
    return {
      mode: rows.map(({ mode }) => mode),
      name: rows.map(({ name }) => name),
      before: rows.map(({ before }) => before),
      after: rows.map(({ after }) => after),
      value: rows.map(({ value }) => value),
    };
  }
  const { factors } = form;
  const most = Math.max(...factors.map(({ cols }) => cols));
  const weights = form instanceof CpModel ? form.weights : undefined;
  const head = weights ? 1 : 0;
  const column = (a: number): Array<number | null> => [
    ...(weights ? [weights[a]] : []),
    ...factors.flatMap((factor) => (a < factor.cols ? [...factor.column(a)] : new Array<null>(factor.rows).fill(null))),
  ];
  return {
    mode: [...new Array<string>(head).fill('weight'), ...modes.flatMap(({ title, names }) => names.map(() => title))],
    name: [...new Array<null>(head).fill(null), ...modes.flatMap(({ names }) => [...names])],
    ...Object.fromEntries(Array.from({ length: most }, (_, a) => [`factor_${a + 1}`, column(a)])),
  };
}

function coreColumns({ shape, strides, data }: Tensor, modes: readonly Mode[]): Columns {
  return {
    ...Object.fromEntries(
      modes.map(({ title }, k) => [title, Array.from(data, (_, e) => (Math.floor(e / strides[k]) % shape[k]) + 1)]),
    ),
    value: [...data],
  };
}

/** All that determines the course of a job, without its limits. */
function problemOf(request: TensorRequest, { tensor }: NamedTensor): string {
  const { method, rank, tol, nonNegative, missing, randomized, scan, starts, init, seed } = request;
  const data = tensor.kind === 'dense' ? [tensor.data] : [...tensor.indices, tensor.values];
  return fingerprint([...tensor.shape], ...data, {
    method,
    rank,
    tol,
    nonNegative,
    missing,
    randomized,
    scan,
    starts,
    init,
    seed,
  });
}
