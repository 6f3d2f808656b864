import { functions, nearest } from '../common/functions.ts';
import type { ElementwiseKernels } from '../generated/networks/kernels.ts';
import type { Heap } from '../heap.ts';

/** Opcodes of mapElements: below 32 with one operand, below 64 with two, otherwise with three. */
export const mapCodes = {
  copy: 0,
  neg: 1,
  abs: 2,
  sign: 3,
  sqrt: 4,
  exp: 5,
  expm1: 6,
  log: 7,
  log1p: 8,
  tanh: 9,
  sigmoid: 10,
  relu: 11,
  gelu: 12,
  silu: 13,
  softplus: 14,
  sin: 15,
  cos: 16,
  erf: 17,
  square: 18,
  reciprocal: 19,
  floor: 20,
  round: 21,
  ceil: 22,
  add: 32,
  sub: 33,
  mul: 34,
  div: 35,
  min: 36,
  max: 37,
  pow: 38,
  lt: 39,
  le: 40,
  eq: 41,
  ne: 42,
  addRelu: 43,
  addTanh: 44,
  addSigmoid: 45,
  reluGrad: 46,
  tanhGrad: 47,
  sigmoidGrad: 48,
  geluGrad: 49,
  siluGrad: 50,
  where: 64,
  clip: 65,
  mulAdd: 66,
} as const;

/** A function supported by mapElements. */
export type MapCode = keyof typeof mapCodes;

type Scalar = (x: number, y: number, z: number) => number;

function scalars(single: boolean): Record<MapCode, Scalar> {
  const f = functions(single);
  const { r } = f;
  return {
    copy: (x) => x,
    neg: (x) => -x,
    abs: Math.abs,
    sign: Math.sign,
    sqrt: (x) => r(Math.sqrt(x)),
    ...{ exp: f.exp, expm1: f.expm1, log: f.log, log1p: f.log1p, tanh: f.tanh, sigmoid: f.sigmoid },
    relu: (x) => Math.max(x, 0),
    ...{ gelu: f.gelu, softplus: f.softplus, sin: f.sin, cos: f.cos, erf: f.erf },
    silu: (x) => r(x * f.sigmoid(x)),
    square: (x) => r(x * x),
    reciprocal: (x) => r(1 / x),
    floor: Math.floor,
    round: nearest,
    ceil: Math.ceil,
    add: (x, y) => r(x + y),
    sub: (x, y) => r(x - y),
    mul: (x, y) => r(x * y),
    div: (x, y) => r(x / y),
    min: (x, y) => Math.min(x, y),
    max: (x, y) => Math.max(x, y),
    pow: f.pow,
    lt: (x, y) => (x < y ? 1 : 0),
    le: (x, y) => (x <= y ? 1 : 0),
    eq: (x, y) => (x === y ? 1 : 0),
    ne: (x, y) => (x !== y ? 1 : 0),
    addRelu: (x, y) => Math.max(r(x + y), 0),
    addTanh: (x, y) => f.tanh(r(x + y)),
    addSigmoid: (x, y) => f.sigmoid(r(x + y)),
    reluGrad: (x, y) => (y > 0 ? x : 0),
    tanhGrad: (x, y) => r(x * r(1 - r(y * y))),
    sigmoidGrad: (x, y) => r(x * r(y * r(1 - y))),
    geluGrad: (x, y) => r(x * f.geluSlope(y)),
    siluGrad: (x, y) => r(x * f.siluSlope(y)),
    where: (x, y, z) => (x !== 0 ? y : z),
    clip: (x, y, z) => Math.min(Math.max(x, y), z),
    mulAdd: (x, y, z) => r(r(x * y) + z),
  };
}

export function elementwise(heap: Heap): ElementwiseKernels {
  const map = (single: boolean): ElementwiseKernels['mapElements'] => {
    const shift = single ? 2 : 3;
    const byCode: Scalar[] = [];
    for (const [name, f] of Object.entries(scalars(single))) byCode[mapCodes[name as MapCode]] = f;
    return (op, meta, y, a, b, c) => {
      const dims = heap.i32;
      meta >>>= 2;
      const rank = dims[meta++];
      const f = byCode[op];
      // Four-byte words are copied as integers, because NaN bits might change when copied as numbers.
      const m = op === 0 && single ? heap.i32 : single ? heap.f32 : heap.f64;
      const visit = (d: number, py: number, pa: number, pb: number, pc: number): void => {
        const at = meta + 5 * d;
        const [n, sy, sa, sb, sc] = [dims[at], dims[at + 1], dims[at + 2], dims[at + 3], dims[at + 4]];
        for (let i = 0; i < n; i++) {
          if (d === rank - 1) m[py] = f(m[pa], m[pb], m[pc]);
          else visit(d + 1, py, pa, pb, pc);
          py += sy;
          pa += sa;
          pb += sb;
          pc += sc;
        }
      };
      visit(0, y >>> shift, a >>> shift, b >>> shift, c >>> shift);
    };
  };
  return { mapElements: map(false), smapElements: map(true) };
}
