import { type MapCode, mapCodes } from '@southwell/kernels/networks';
import { computed } from '../dtypes.ts';
import { isTensor, notTensor } from '../given.ts';
import { apply, misfit, refuse } from '../op.ts';
import { type Calculus, defineOp, type Op, type Pullback } from '../primitive.ts';
import { shared } from '../programs/sharing.ts';
import { broadcastShape, broadcastStrides, type Shape } from '../shapes.ts';
import { BYTES, isHalf, type Tensor } from '../tensor.ts';
import { constant } from './constants.ts';

type None = Record<never, never>;
type Rule = (pullback: Pullback<None> & { g0: Tensor }) => ReadonlyArray<Tensor | undefined>;

/**
 * The loop nest over a shape, with adjacent axes merged where strides allow: for each axis, its length and the strides
 * of every operand.
 */
export function collapsed(shape: Shape, strides: ReadonlyArray<readonly number[]>): number[][] {
  const dims: number[][] = [];
  for (let d = 0; d < shape.length; d++) {
    if (shape[d] === 1) continue;
    const dim = [shape[d], ...strides.map((s) => s[d])];
    const last = dims.at(-1);
    if (last?.slice(1).every((s, i) => s === dim[i + 1] * dim[0])) {
      last[0] *= dim[0];
      for (let i = 1; i < dim.length; i++) last[i] = dim[i];
    } else {
      dims.push(dim);
    }
  }
  return dims.length > 0 ? dims : [[1, 1, ...strides.slice(1).map(() => 0)]];
}

/** Addresses of the operands of a map: those of their first elements. */
interface Operands {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly to: number;
  readonly bytes: number;
  readonly work: number;
  readonly name: 'mapElements' | 'smapElements';
  readonly meta: (values: readonly number[]) => number;
}
type MapCall = readonly [
  Operands['name'],
  op: number,
  meta: number,
  y: number,
  a: number,
  b: number,
  c: number,
  work: number,
];

/** Nanoseconds per element, for transcendental functions and others. */
const SLOW = /exp|log|tanh|igmoid|gelu|silu|softplus|sin|cos|erf|pow/i;
const timeOf = (code: MapCode, bytes: number): number => (bytes / 4) * (SLOW.test(code) ? 3 : 0.4);

/** Offset of the tile for short rows in the scratch of mapElements, beyond the part that the kernel uses. */
const TILE = 4608;

/**
 * A binary function of rows and a single short row, such as few channels and their shifts: that row is first repeated
 * in scratch, so that the kernel processes many rows at once. Undefined for other cases.
 */
function tiled(op: number, dims: ReadonlyArray<readonly number[]>, at: Operands): MapCall[] | undefined {
  if (dims.length !== 2 || dims[0].length !== 4) return undefined;
  const [[rows, ys, as, bs], [n, yi, ai, bi]] = dims;
  // One operand is the same for all rows; the other must be contiguous.
  const second = bs === 0 && as === n;
  if (!(second || (as === 0 && bs === n)) || ys !== n || yi !== 1 || ai !== 1 || bi !== 1 || n > 63 || rows < 32)
    return undefined;
  const { to, bytes, work, name, meta } = at;
  const group = Math.ceil(256 / n);
  const length = group * n;
  const whole = Math.floor(rows / group);
  const rest = (rows % group) * n;
  const tile = work + TILE;
  const [short, long] = second ? [at.b, at.a] : [at.a, at.b];
  const fill = meta([2, group, n, 0, 0, 0, n, 1, 1, 0, 0]);
  const steps = second ? [length, length, 0] : [length, 0, length];
  const main = meta([2, whole, ...steps, 0, length, 1, 1, 1, 0]);
  const end = meta([1, rest, 1, 1, 1, 0]);
  const done = whole * length * bytes;
  const calls: MapCall[] = [[name, 0, fill, tile, short, short, short, work]];
  if (whole > 0) calls.push([name, op, main, to, second ? long : tile, second ? tile : long, to, work]);
  if (rest > 0)
    calls.push([name, op, end, to + done, second ? long + done : tile, second ? tile : long + done, to, work]);
  return calls;
}

/** The kernel calls of a map over all dimensions. */
function mapped(op: number, dims: ReadonlyArray<readonly number[]>, operands: number, at: Operands): MapCall[] {
  const fill = [0, 0].slice(operands - 1);
  const plain = (): MapCall[] => {
    const meta = at.meta([dims.length, ...dims.flatMap((dim) => [...dim, ...fill])]);
    return [[at.name, op, meta, at.to, at.a, at.b, at.c, at.work]];
  };
  return tiled(op, dims, at) ?? plain();
}

/** Names of functions, where they differ from those of the kernels. */
const publicNames: Readonly<Partial<Record<MapCode, string>>> = {
  min: 'minimum',
  max: 'maximum',
  lt: 'less',
  le: 'lessEqual',
  eq: 'equal',
  ne: 'notEqual',
  addRelu: 'linear',
  addTanh: 'linear',
  addSigmoid: 'linear',
};

/** Declares an elementwise function with a kernel opcode; the rule receives the cotangent of the result as g0. */
function pointwise(code: MapCode, rule?: Rule, decompose?: Op<None>['decompose']): Op<None> {
  const own = publicNames[code] ?? code;
  return defineOp<None>({
    name: own,
    strided: true,
    inPlace: [0, 1, 2],
    batch: 'elementwise',
    decompose,
    infer: (x) => {
      const [{ dtype }] = x;
      if (x.some((t) => t.dtype !== dtype)) {
        misfit(
          own,
          x,
          `their dtypes ${x.map((t) => t.dtype).join(', ')} must agree; cast(x, '${dtype}') makes them equal.`,
        );
      }
      if (dtype === 'i32') misfit(own, x, "32-bit integers are indices; cast(x, 'f64') converts them to numbers.");
      const shape = broadcastShape(x.map((t) => t.shape));
      if (!shape) {
        misfit(own, x, 'from the last axis on lengths must agree or be 1. Try reshape or expandDims to line up axes.');
      }
      return [{ shape, dtype }];
    },
    work: () => 8192,
    bind: (binding) => {
      const {
        kernels,
        x,
        y: [y],
        work,
        meta,
      } = binding;
      const strides = x.map((p) => broadcastStrides(p.shape, p.strides, y.shape));
      const dims = collapsed(y.shape, [y.strides, ...strides]);
      const op = mapCodes[code];
      const name = y.dtype === 'f64' ? 'mapElements' : 'smapElements';
      const bytes = BYTES[y.dtype];
      const [n, ...steps] = dims[0];
      const starts = [y.pointer, ...[x[0], x[1] ?? x[0], x[2] ?? x[0]].map((p) => p.pointer)];
      /** A range of the outermost dimension. */
      const part = (from: number, end: number, own: number): MapCall[] => {
        const [to, a, b, c] = starts.map((p, i) => p + from * (steps[i] ?? 0) * bytes);
        const range = [[end - from, ...steps], ...dims.slice(1)];
        return mapped(op, range, x.length, { a, b, c, to, bytes, work: own, name, meta });
      };
      // A single dimension is divided into whole vectors.
      const together = shared(binding, n, y.size * timeOf(code, bytes), part, dims.length === 1 ? 16 : 1);
      if (together) return together;
      const kernel = kernels[name];
      const [only, ...others] = part(0, n, work).map(
        ([, op, at, to, a, b, c, own]) =>
          () =>
            kernel(op, at, to, a, b, c, own),
      );
      if (others.length === 0) return only;
      return () => {
        only();
        for (const call of others) call();
      };
    },
    vjp: rule
      ? (pullback) => {
          const { g, x, o, needs } = pullback;
          if (!g[0]) return [];
          return rule({ ...pullback, g0: g[0] }).map((d, i) => (d && needs[i] ? o.sumTo(d, x[i].shape) : undefined));
        }
      : undefined,
  });
}

// Unary functions. In rules, g0 is the cotangent ȳ, and x and y are the tensors themselves.
export const unaryOps = {
  neg: pointwise('neg', ({ o, g0 }) => [o.neg(g0)]),
  abs: pointwise('abs', ({ o, g0, x: [x] }) => [o.mul(g0, o.sign(x))]),
  sign: pointwise('sign'),
  sqrt: pointwise('sqrt', ({ o, g0, y: [y] }) => [o.div(g0, o.add(y, y))]),
  exp: pointwise('exp', ({ o, g0, y: [y] }) => [o.mul(g0, y)]),
  expm1: pointwise('expm1', ({ o, g0, x: [x] }) => [o.mul(g0, o.exp(x))]),
  log: pointwise('log', ({ o, g0, x: [x] }) => [o.div(g0, x)]),
  log1p: pointwise('log1p', ({ o, g0, x: [x] }) => [o.div(g0, o.add(x, 1))]),
  tanh: pointwise('tanh', ({ g0, y: [y] }) => apply(tanhGrad, [g0, y], {})),
  sigmoid: pointwise('sigmoid', ({ g0, y: [y] }) => apply(sigmoidGrad, [g0, y], {})),
  relu: pointwise('relu', ({ g0, y: [y] }) => apply(reluGrad, [g0, y], {})),
  gelu: pointwise('gelu', ({ g0, x: [x] }) => apply(geluGrad, [g0, x], {})),
  silu: pointwise('silu', ({ g0, x: [x] }) => apply(siluGrad, [g0, x], {})),
  softplus: pointwise('softplus', ({ o, g0, x: [x] }) => [o.mul(g0, o.sigmoid(x))]),
  sin: pointwise('sin', ({ o, g0, x: [x] }) => [o.mul(g0, o.cos(x))]),
  cos: pointwise('cos', ({ o, g0, x: [x] }) => [o.neg(o.mul(g0, o.sin(x)))]),
  erf: pointwise('erf', ({ o, g0, x: [x] }) => [o.mul(g0, o.mul(o.exp(o.neg(o.square(x))), 2 / Math.sqrt(Math.PI)))]),
  square: pointwise('square', ({ o, g0, x: [x] }) => [o.mul(g0, o.add(x, x))]),
  reciprocal: pointwise('reciprocal', ({ o, g0, y: [y] }) => [o.neg(o.mul(g0, o.square(y)))]),
  floor: pointwise('floor'),
  round: pointwise('round'),
  ceil: pointwise('ceil'),
} satisfies Partial<Record<MapCode, Op<None>>>;

// Derivatives of activations, fused with the multiplication by the cotangent: f(g, x or y).
const reluGrad: Op<None> = pointwise('reluGrad', ({ g0, x: [, y] }) => [apply(reluGrad, [g0, y], {})[0], undefined]);
const tanhGrad: Op<None> = pointwise('tanhGrad', ({ o, g0, x: [g, y], needs }) => [
  apply(tanhGrad, [g0, y], {})[0],
  needs[1] ? o.mul(o.mul(g0, g), o.mul(y, -2)) : undefined,
]);
const sigmoidGrad: Op<None> = pointwise('sigmoidGrad', ({ o, g0, x: [g, y], needs }) => [
  apply(sigmoidGrad, [g0, y], {})[0],
  needs[1] ? o.mul(o.mul(g0, g), o.sub(1, o.add(y, y))) : undefined,
]);
const normalDensity = (o: Calculus, x: Tensor): Tensor =>
  o.mul(o.exp(o.mul(o.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
const geluGrad: Op<None> = pointwise('geluGrad', ({ o, g0, x: [g, x], needs }) => [
  apply(geluGrad, [g0, x], {})[0],
  needs[1] ? o.mul(o.mul(g0, g), o.mul(normalDensity(o, x), o.sub(2, o.square(x)))) : undefined,
]);
const siluGrad: Op<None> = pointwise('siluGrad', ({ o, g0, x: [g, x], needs }) => {
  if (!needs[1]) return [apply(siluGrad, [g0, x], {})[0], undefined];
  const s = o.sigmoid(x);
  const slope = o.mul(s, o.sub(1, s));
  // σ′·(2 + x(1 − 2σ)).
  const second = o.mul(slope, o.add(o.mul(x, o.sub(1, o.add(s, s))), 2));
  return [apply(siluGrad, [g0, x], {})[0], o.mul(o.mul(g0, g), second)];
});

/** On ties, each operand gets half of the derivative. */
const chosen = (o: Calculus, strictly: Tensor, equal: Tensor, g: Tensor): Tensor =>
  o.mul(g, o.add(strictly, o.mul(equal, 0.5)));

/** y·log a where a > 0, else 0. */
function logTimes(o: Calculus, y: Tensor, a: Tensor): Tensor {
  const positive = o.less(o.neg(a), 0);
  return o.where(positive, o.mul(y, o.log(o.where(positive, a, 1))), 0);
}

export const binaryOps = {
  add: pointwise('add', ({ g0 }) => [g0, g0]),
  sub: pointwise('sub', ({ o, g0, needs }) => [g0, needs[1] ? o.neg(g0) : undefined]),
  mul: pointwise('mul', ({ o, g0, x: [a, b], needs }) => [
    needs[0] ? o.mul(g0, b) : undefined,
    needs[1] ? o.mul(g0, a) : undefined,
  ]),
  div: pointwise('div', ({ o, g0, x: [, b], y: [y], needs }) => {
    const first = o.div(g0, b);
    return [first, needs[1] ? o.neg(o.mul(first, y)) : undefined];
  }),
  min: pointwise('min', ({ o, g0, x: [a, b], needs }) => {
    const tie = o.equal(a, b);
    return [
      needs[0] ? chosen(o, o.less(a, b), tie, g0) : undefined,
      needs[1] ? chosen(o, o.less(b, a), tie, g0) : undefined,
    ];
  }),
  max: pointwise('max', ({ o, g0, x: [a, b], needs }) => {
    const tie = o.equal(a, b);
    return [
      needs[0] ? chosen(o, o.less(b, a), tie, g0) : undefined,
      needs[1] ? chosen(o, o.less(a, b), tie, g0) : undefined,
    ];
  }),
  pow: pointwise('pow', ({ o, g0, x: [a, b], y: [y], needs }) => [
    // b·a^(b − 1), defined as 0 for b = 0 whatever a is.
    needs[0] ? o.mul(g0, o.where(b, o.mul(b, o.pow(a, o.sub(b, 1))), 0)) : undefined,
    needs[1] ? o.mul(g0, logTimes(o, y, a)) : undefined,
  ]),
  lt: pointwise('lt'),
  le: pointwise('le'),
  eq: pointwise('eq'),
  ne: pointwise('ne'),
  addRelu: pointwise('addRelu', ({ g0, y: [y] }) => {
    const d = apply(reluGrad, [g0, y], {})[0];
    return [d, d];
  }),
  addTanh: pointwise('addTanh', ({ g0, y: [y] }) => {
    const d = apply(tanhGrad, [g0, y], {})[0];
    return [d, d];
  }),
  addSigmoid: pointwise('addSigmoid', ({ g0, y: [y] }) => {
    const d = apply(sigmoidGrad, [g0, y], {})[0];
    return [d, d];
  }),
} satisfies Partial<Record<MapCode, Op<None>>>;

const whereOp: Op<None> = pointwise('where', ({ o, g0, x: [c], needs }) => [
  undefined,
  needs[1] ? o.where(c, g0, 0) : undefined,
  needs[2] ? o.where(c, 0, g0) : undefined,
]);
const clipOp: Op<None> = pointwise('clip', ({ o, g0, x: [x, low, high], needs }) => {
  const inside = o.mul(o.lessEqual(low, x), o.lessEqual(x, high));
  return [
    o.mul(g0, inside),
    needs[1] ? o.mul(g0, o.mul(o.less(x, low), o.lessEqual(low, high))) : undefined,
    needs[2] ? o.mul(g0, o.sub(1, o.lessEqual(o.where(o.less(x, low), low, x), high))) : undefined,
  ];
});

/** Converts numbers to scalars with the dtype in which the tensors are computed. */
export function operands(name: string, given: ReadonlyArray<Tensor | number>): Tensor[] {
  given.forEach((x, i) => {
    if (typeof x !== 'number' && !isTensor(x)) notTensor(name, `operand ${i + 1}`, x);
  });
  const tensor = given.find((x): x is Tensor => typeof x !== 'number');
  if (!tensor) return refuse(name, 'at least one operand must be a tensor.');
  const whole = given.find((x): x is Tensor => typeof x !== 'number' && !isHalf(x.dtype)) ?? tensor;
  return given.map((x) => (typeof x === 'number' ? constant(x, computed(whole.dtype)) : x));
}

/** A function of one tensor. */
export const unary =
  (name: keyof typeof unaryOps) =>
  (x: Tensor): Tensor =>
    apply(unaryOps[name], [x], {})[0];

/** A function of two tensors, or of a tensor and a number. */
export const binary =
  (name: keyof typeof binaryOps, own = binaryOps[name].name) =>
  (a: Tensor | number, b: Tensor | number): Tensor =>
    apply(binaryOps[name], operands(own, [a, b]), {})[0];

/**
 * Selects elements of a where the condition is non-zero, else of b; the derivative goes to the selected one.
 * @throws INVALID_SHAPE if the three do not broadcast.
 */
export const where = (condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor => {
  const [c, ...rest] = operands('where', [condition, a, b]);
  return apply(whereOp, [c, ...rest], {})[0];
};

/**
 * Clips x to [low, high]; the derivative goes to x within and on the bounds, and to the bound outside.
 * @throws INVALID_SHAPE if they do not broadcast.
 */
export const clip = (x: Tensor, low: Tensor | number, high: Tensor | number): Tensor =>
  apply(clipOp, operands('clip', [x, low, high]), {})[0];
