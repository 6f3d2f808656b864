import { accelerator } from '@southwell/kernels';
import { fail } from '@southwell/numerics/core';
import { isTensor, notTensor } from './given.ts';
import { atLine, callerLine } from './line.ts';
import { elementwise } from './ops/dependence.ts';
import { copyKernel, defineOp, type Op, type TensorCall } from './primitive.ts';
import { evaluate, threadCount } from './programs/evaluate.ts';
import { inTurn, shared } from './programs/sharing.ts';
import { isContiguous, rowMajor, type Shape, show } from './shapes.ts';
import { BYTES, type DType, isHalf, nextId, Storage, Tensor, type TensorRecord, type Trace } from './tensor.ts';

export { refuse } from './given.ts';

/** @throws INVALID_PARAMETER if an argument is not a tensor. */
function needOperands(name: string, x: readonly unknown[]): void {
  for (let i = 0; i < x.length; i++)
    if (!isTensor(x[i])) notTensor(name, x.length > 1 ? `operand ${i + 1}` : 'its argument', x[i]);
}

/** @throws INVALID_SHAPE, with the operation, the shapes of its arguments, the reason, and the calling line. */
export function misfit(
  name: string,
  x: ReadonlyArray<{ readonly shape: Shape; readonly dtype?: DType }>,
  given: string,
): never {
  needOperands(name, x);
  // Mixed dtypes are the usual reason, which a message about shapes would hide: lists and `full` default to double
  // precision, models to single.
  const kinds = x.map(({ dtype }) => dtype);
  const mixed = kinds.includes('f32') && kinds.includes('f64') && !given.includes('cast');
  const why = mixed ? `${given} Their dtypes are ${kinds.join(' and ')}: cast(x, 'f32') makes them equal.` : given;
  const shapes = x.map(({ shape }) => show(shape));
  const list = shapes.length > 1 ? `${shapes.slice(0, -1).join(', ')} and ${shapes.at(-1)}` : shapes[0];
  return fail('INVALID_SHAPE', `${name} of ${list}${atLine()}: ${why}`);
}

/** Hook called after every evaluated operation. */
export interface Watcher {
  /** Whether records need the line of the call, which takes longer than most operations. */
  readonly lines: boolean;
  seen(record: TensorRecord): void;
}
let watcher: Watcher | undefined;
/** @returns the previous hook. */
export function watch(next: Watcher | undefined): Watcher | undefined {
  const before = watcher;
  watcher = next;
  return before;
}
/** Whether every operation is currently watched. */
export const watching = (): boolean => watcher !== undefined;
/** The line to which operations of a derivative are attributed. */
let chargedTo = '';
export function charge<T>(line: string, f: () => T): T {
  const before = chargedTo;
  chargedTo = line;
  try {
    return f();
  } finally {
    chargedTo = before;
  }
}

/** The checkpointed segment to recompute; with nesting, the outermost one. */
let region: object | undefined;
export function inRegion<T>(next: object | undefined, f: () => T): T {
  const before = region;
  region ??= next;
  try {
    return f();
  } finally {
    region = before;
  }
}

/** An identity that blocks common-subexpression elimination. */
export const barrierOp = defineOp<Record<never, never>>({
  name: 'barrier',
  unique: true,
  view: ({ shape, strides, offset }) => ({ shape, strides, offset }),
  vjp: ({ g }) => [g[0]],
});

/** The trace that records all operations, not only those on its own tensors. */
let everything: Trace | undefined;
export function recordingAll<T>(trace: Trace, f: () => T): T {
  const before = everything;
  everything = trace;
  try {
    return f();
  } finally {
    everything = before;
  }
}

/** The innermost open trace of the inputs; undefined if all are concrete. */
function traceOf(name: string, inputs: readonly Tensor[]): Trace | undefined {
  let trace = everything;
  for (const { storage } of inputs) {
    const other = storage.trace;
    if (!other) continue;
    if (!other.open) {
      fail(
        'NOT_SUPPORTED',
        `${name}${atLine()} got a tensor from ${other.what} that has ended: only what such a function ` +
          'returns can be used outside it.',
      );
    }
    if (!trace || other.depth > trace.depth) trace = other;
  }
  return trace;
}

/** Copies non-contiguous tensors; set by the views. */
export const copyOp: Op<Record<never, never>> = defineOp({
  name: 'copy',
  strided: true,
  moves: true,
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  depends: elementwise,
  work: () => 8192,
  bind: ({ kernels, x: [x], y: [y], work, meta }) => {
    const dims =
      x.shape.length === 0
        ? [1, 1, 1, 0, 0, 0]
        : [x.shape.length, ...x.shape.flatMap((n, d) => [n, y.strides[d], x.strides[d], 0, 0])];
    const at = meta(dims);
    const kernel = kernels[copyKernel(x.dtype)];
    const [from, to] = [x.pointer, y.pointer];
    return () => kernel(0, at, to, from, from, from, work);
  },
  vjp: ({ g }) => [g[0]],
});

/** x itself if contiguous, otherwise a contiguous copy. */
export const packed = (x: Tensor): Tensor => (isContiguous(x.shape, x.strides) ? x : apply(copyOp, [x], {})[0]);

const castOp: Op<{ readonly dtype: DType }> = defineOp({
  name: 'cast',
  moves: true,
  infer: ([x], { dtype }) => [{ shape: x.shape, dtype }],
  depends: elementwise,
  bind: (binding) => {
    const {
      arena,
      kernels,
      x: [x],
      y: [y],
    } = binding;
    const n = x.size;
    if (isHalf(x.dtype) || isHalf(y.dtype)) {
      const name = isHalf(x.dtype) ? 'fromHalves' : x.dtype === 'f64' ? 'toHalves' : 'stoHalves';
      const brain = x.dtype === 'bf16' || y.dtype === 'bf16';
      const part = (from: number, end: number): TensorCall[] => [
        [name, brain, end - from, x.pointer + from * BYTES[x.dtype], y.pointer + from * BYTES[y.dtype]],
      ];
      return shared(binding, n, 0.3 * n, part, 8) ?? inTurn(kernels, part(0, n));
    }
    const view = (dtype: DType) => (dtype === 'f64' ? arena.f64 : dtype === 'f32' ? arena.f32 : arena.i32);
    const [from, to] = [x.pointer / BYTES[x.dtype], y.pointer / BYTES[y.dtype]];
    return () => {
      const [a, b] = [view(x.dtype), view(y.dtype)];
      for (let i = 0; i < n; i++) b[to + i] = a[from + i];
    };
  },
  vjp: ({ x: [x], g: [g] }) => [g && x.dtype !== 'i32' ? converted(g, x.dtype) : undefined],
});

/** x with another dtype. */
export function converted(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  // Two bytes are converted from and to single precision, and from double precision.
  const direct = isHalf(x.dtype) ? dtype === 'f32' : !isHalf(dtype) || x.dtype !== 'i32';
  const from = direct ? x : converted(x, isHalf(x.dtype) ? 'f32' : 'f64');
  return apply(castOp, [from], { dtype })[0];
}

/**
 * Tensors as arithmetic takes them: those of two bytes in single precision, or in double precision beside tensors of
 * that.
 */
export function arithmetic<T extends ReadonlyArray<Tensor | undefined>>(x: readonly [...T]): T {
  if (!x.some((t) => t && isHalf(t.dtype))) return x as T;
  const dtype = x.some((t) => t?.dtype === 'f64') ? 'f64' : 'f32';
  const all = () => x.map((t) => (t && isHalf(t.dtype) ? converted(t, dtype) : t)) as unknown as T;
  // In a trace, constants are converted by each run, so that a program keeps them in two bytes.
  const traced = x.find((t) => t?.storage.trace?.open);
  return traced ? recordingAll(traced.storage.trace!, all) : all();
}

/** Applies an operation: evaluates it, or records it in the trace of an input. */
export function apply<A>(op: Op<A>, operands: readonly Tensor[], attrs: A): Tensor[] {
  needOperands(op.name, operands);
  const given = op.moves || op.view ? operands : arithmetic(operands);
  const inputs = op.strided || op.view ? given : given.map(packed);
  const trace = traceOf(op.name, inputs);
  const tracked = trace !== undefined || inputs.some((x) => x.tracked);
  let outputs: Tensor[];
  if (op.view) {
    const { shape, strides, offset } = op.view(inputs[0], attrs);
    outputs = [new Tensor(shape, inputs[0].dtype, inputs[0].storage, strides, offset)];
  } else {
    outputs = op.infer!(inputs, attrs).map(({ shape, dtype }) => {
      const strides = rowMajor(shape);
      const size = shape.reduce((p, n) => p * n, 1);
      return new Tensor(shape, dtype, new Storage(dtype, size, undefined, trace), strides, 0);
    });
    if (!trace) evaluate(op, attrs, inputs, outputs);
  }
  if (!tracked && !watcher) return outputs;
  const line = watcher?.lines ? chargedTo || callerLine() : '';
  const record: TensorRecord = { id: nextId(), op, attrs, inputs, outputs, line, region };
  if (tracked) for (const y of outputs) y.record = record;
  trace?.records.push(record);
  if (!trace) watcher?.seen(record);
  return outputs;
}

/** Backend of matrix products as part of cache keys: an installed BLAS, whose bits differ, and threads. */
export const engineKey = (): string => `${accelerator()?.name ?? ''}${threadCount()}`;
