import * as ad from '../../index.ts';
import { type Call, float, int, type Operator, type Val } from './call.ts';
import { leaky } from './elementwise.ts';
import { convolved } from './images.ts';
import { pooled } from './pooling.ts';

// Quantised networks: whole numbers q stand for (q − zero point)·scale. Sums of products are exact, in double precision.

/** Least and largest number of the types that values are quantised to. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  ...{ u4: [0, 15], i4: [-8, 7], u8: [0, 255], i8: [-128, 127], u16: [0, 65535], i16: [-32768, 32767] },
};
/** The same types by their number in the format. */
const TYPES: Readonly<Record<number, string>> = { 2: 'u8', 3: 'i8', 4: 'u16', 5: 'i16', 21: 'u4', 22: 'i4' };

/** Scale and zero point of a tensor, from inputs i and i + 1, broadcast along the tensor. */
interface Grid {
  readonly scale: ad.Tensor;
  /** Undefined is 0. */
  readonly zero: ad.Tensor | undefined;
}
type Broadcast = (t: ad.Tensor) => ad.Tensor;

const grid = (c: Call, scale: number, broadcast: Broadcast = (t) => t): Grid => ({
  scale: broadcast(c.float(scale)),
  zero: c.has(scale + 1) ? broadcast(c.x(scale + 1).t) : undefined,
});
/** A vector along an axis of a tensor; a tensor of one number as a scalar. */
const along =
  (rank: number, axis: number): Broadcast =>
  (t) => {
    if (t.size === 1) return ad.reshape(t, []);
    return t.rank === 1
      ? ad.reshape(
          t,
          Array.from({ length: rank }, (_, d) => (d === axis ? -1 : 1)),
        )
      : t;
  };

/** x less its zero point, in the dtype in which x is held, which has all the integers exactly. */
const centred = (x: ad.Tensor, zero: ad.Tensor | undefined): ad.Tensor =>
  zero ? ad.sub(x, ad.cast(zero, x.dtype)) : x;
/** The same in double precision, for sums of products. */
const whole = (c: Call, i: number, zero: ad.Tensor | undefined): ad.Tensor => centred(ad.cast(c.x(i).t, 'f64'), zero);

const dequantised = (c: Call, i: number, { scale, zero }: Grid): ad.Tensor =>
  ad.mul(ad.cast(centred(c.x(i).t, zero), c.real), scale);

/** x/scale + zero point, rounded and cut to the range of the type. */
function rounded(c: Call, x: ad.Tensor, { scale, zero }: Grid, type: string | undefined): Val {
  const [least, largest] =
    RANGES[type ?? ''] ??
    c.refuse(`quantisation to ${type ?? 'a type that is not given by its zero point'} is not supported.`);
  const q = ad.round(ad.div(x, scale));
  return { ...int(ad.clip(zero ? ad.add(q, ad.cast(zero, q.dtype)) : q, least, largest)), type };
}
/** Quantised by the scale and zero point of inputs i and i + 1. */
const requantised = (c: Call, x: ad.Tensor, i: number, broadcast?: Broadcast): Val =>
  rounded(c, x, grid(c, i, broadcast), c.has(i + 1) ? c.x(i + 1).type : 'u8');

/** How scales and zero points of QuantizeLinear and DequantizeLinear broadcast: one, one for each index of an axis, or one for each block. */
function spread(c: Call, x: ad.Tensor): Broadcast {
  const block = c.int('block_size', 0);
  if (block === 0) return c.x(1).t.size === 1 ? along(x.rank, 0) : along(x.rank, c.axis(c.int('axis', 1), x.rank));
  const axis = c.axis(c.int('axis', 1), x.rank);
  const at = ad.tensor(Int32Array.from({ length: x.shape[axis] }, (_, i) => Math.floor(i / block)));
  return (t) => ad.take(t, at, axis);
}

function quantize(c: Call): Val {
  const x = c.float(0);
  const output = c.int('output_dtype', 0);
  const type = c.has(2) ? c.x(2).type : output === 0 ? 'u8' : (TYPES[output] ?? `element type ${output}`);
  return rounded(c, x, grid(c, 1, spread(c, x)), type);
}

/** Scale and zero point of the least range of u8 that holds all numbers and 0. */
function dynamicGrid(x: ad.Tensor): Grid & { readonly zero: ad.Tensor } {
  const axes = x.shape.map((_, d) => d);
  const [least, largest] = [ad.minimum(ad.min(x, axes), 0), ad.maximum(ad.max(x, axes), 0)];
  const width = ad.div(ad.sub(largest, least), 255);
  const scale = ad.where(ad.equal(width, 0), ad.full([], 1, x.dtype), width);
  return { scale, zero: ad.clip(ad.round(ad.div(ad.neg(least), scale)), 0, 255) };
}

/** Sums of products of inputs a and b; zero points of rows of the first, and of columns of the second. */
export function products(c: Call, a: number, b: number, zeros: readonly [number, number]): ad.Tensor {
  const [za, zb] = zeros.map((i) => (c.has(i) ? c.x(i).t : undefined));
  return ad.matmul(whole(c, a, za && rows(za)), whole(c, b, zb));
}
/** A vector with a number for each row of a matrix. */
const rows: Broadcast = (t) => (t.rank === 1 && t.size > 1 ? ad.reshape(t, [-1, 1]) : t);

function convolution(c: Call, w: number, zeros: readonly [number, number]): ad.Tensor {
  const filters = c.x(w).t;
  const [zx, zw] = zeros.map((i) => (c.has(i) ? c.x(i).t : undefined));
  return convolved(c, whole(c, 0, zx && along(1, 0)(zx)), whole(c, w, zw && along(filters.rank, 0)(zw)));
}

function linearConvolution(c: Call): Val {
  const sums = convolution(c, 3, [2, 5]);
  const channels = along(sums.rank, 1);
  const total = c.has(8) ? ad.add(sums, channels(ad.cast(c.x(8).t, 'f64'))) : sums;
  const scale = ad.mul(c.float(1), channels(c.float(4)));
  return requantised(c, ad.mul(ad.cast(total, c.real), scale), 6);
}

function linearProduct(c: Call): Val {
  const scale = ad.mul(rows(c.float(1)), c.float(4));
  return requantised(c, ad.mul(ad.cast(products(c, 0, 3, [2, 5]), c.real), scale), 6);
}

/** Gemm of quantised matrices; without a scale of the output its result is not quantised. */
function gemm(c: Call): Val {
  const turned = (t: ad.Tensor, name: string): ad.Tensor => (c.int(name, 0) ? ad.transpose(t) : t);
  const [za, zb] = [2, 5].map((i) => c.x(i).t);
  const a = turned(ad.cast(c.x(0).t, 'f64'), 'transA');
  const b = turned(ad.cast(c.x(3).t, 'f64'), 'transB');
  const sums = ad.matmul(centred(a, za), centred(b, zb));
  const total = ad.cast(c.has(6) ? ad.add(sums, ad.cast(c.x(6).t, 'f64')) : sums, c.real);
  const y = ad.mul(total, ad.mul(ad.mul(c.float(1), c.float(4)), c.real1('alpha', 1)));
  return c.has(7) ? requantised(c, y, 7) : float(y);
}

/** A function of one quantised tensor, computed on the numbers it stands for. */
const through =
  (f: (x: ad.Tensor, c: Call) => ad.Tensor): Operator =>
  (c) =>
    requantised(c, f(dequantised(c, 0, grid(c, 1)), c), 3);
const both =
  (f: (a: ad.Tensor, b: ad.Tensor) => ad.Tensor): Operator =>
  (c) =>
    requantised(c, f(dequantised(c, 0, grid(c, 1)), dequantised(c, 3, grid(c, 4))), 6);

function concatenated(c: Call): Val {
  const count = (c.count - 2) / 3;
  const parts = Array.from({ length: count }, (_, k) => dequantised(c, 2 + 3 * k, grid(c, 3 + 3 * k)));
  return requantised(c, ad.concat(parts, c.axis(c.int('axis'), parts[0].rank)), 0);
}

/** Numbers of 2, 4 or 8 bits that are packed into bytes, lowest first, along the last axis. */
function unpacked(bytes: ad.Tensor, bits: number): ad.Tensor {
  const parts: ad.Tensor[] = [];
  let left = bytes;
  for (let k = 0; k < 8 / bits; k++) {
    const high = ad.floor(ad.div(left, 2 ** bits));
    parts.push(ad.sub(left, ad.mul(high, 2 ** bits)));
    left = high;
  }
  return ad.reshape(ad.stack(parts, bytes.rank), [...bytes.shape.slice(0, -1), -1]);
}

/** x Wᵀ where each row of W [n, k] is in blocks with a scale each, packed. */
function packedProduct(c: Call): Val {
  const [n, k, bits, block] = ['N', 'K', 'bits', 'block_size'].map((name) => c.int(name));
  if (![2, 4, 8].includes(bits) || c.has(4)) c.refuse('only 2, 4 and 8 bits without an order of groups are supported.');
  const blocks = Math.ceil(k / block);
  const q = ad.reshape(unpacked(c.float(1), bits), [n, blocks, block]);
  let zero: ad.Tensor | number = 2 ** (bits - 1);
  if (c.has(3)) {
    const given = c.x(3);
    const all = given.class === 'float' ? given.t : unpacked(ad.reshape(c.float(3), [n, -1]), bits);
    zero = ad.reshape(ad.slice(ad.reshape(all, [n, -1]), undefined, [0, blocks]), [n, blocks, 1]);
  }
  const weights = ad.mul(ad.sub(q, zero), ad.reshape(c.float(2), [n, blocks, 1]));
  const y = ad.matmul(c.float(0), ad.transpose(ad.slice(ad.reshape(weights, [n, blocks * block]), undefined, [0, k])));
  return float(c.has(5) ? ad.add(y, c.float(5)) : y);
}

/** A quantised product of inputs that are, or of a first one that is quantised here, with its result as it is. */
function realProduct(c: Call, sums: ad.Tensor, scale: ad.Tensor, bias: number): Val {
  const y = ad.mul(ad.cast(sums, c.real), scale);
  return float(c.has(bias) ? ad.add(y, c.float(bias)) : y);
}

function dynamicProduct(c: Call): Val {
  const x = c.float(0);
  const own = dynamicGrid(x);
  const a = centred(ad.cast(rounded(c, x, own, 'u8').t, 'f64'), own.zero);
  const sums = ad.matmul(a, whole(c, 1, c.has(3) ? c.x(3).t : undefined));
  return realProduct(c, sums, ad.mul(own.scale, c.float(2)), 4);
}

const dequantize: Operator = (c) => float(dequantised(c, 0, grid(c, 1, spread(c, c.x(0).t))));
const microsoft: Readonly<Record<string, Operator>> = {
  ...{ QuantizeLinear: quantize, DequantizeLinear: dequantize, QGemm: gemm, MatMulNBits: packedProduct },
  MatMulIntegerToFloat: (c) => realProduct(c, products(c, 0, 1, [4, 5]), ad.mul(rows(c.float(2)), c.float(3)), 6),
  DynamicQuantizeMatMul: dynamicProduct,
  ...{ QLinearAdd: both(ad.add), QLinearMul: both(ad.mul), QLinearConcat: concatenated },
  QLinearSigmoid: through(ad.sigmoid),
  QLinearLeakyRelu: through((x, c) => leaky(x, c.real1('alpha', 0.01))),
  QLinearSoftmax: through((x, c) => ad.softmax(x, c.axis(c.int('axis', -1), x.rank))),
  QLinearAveragePool: through((x, c) => {
    if (c.int('channels_last', 0)) c.refuse('channels as the last axis are not supported.');
    return pooled(c, x, false);
  }),
  QLinearGlobalAveragePool: through((x, c) => {
    const last = c.int('channels_last', 0) !== 0;
    const axes = x.shape.map((_, d) => d);
    return ad.mean(x, last ? axes.slice(1, -1) : axes.slice(2), true);
  }),
};

/** Operators of quantised networks by name. */
export const quantised: Readonly<Record<string, Operator>> = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: (c) => {
    const x = c.float(0);
    const own = dynamicGrid(x);
    return [rounded(c, x, own, 'u8'), float(own.scale), { ...int(own.zero), type: 'u8' }];
  },
  MatMulInteger: (c) => int(products(c, 0, 1, [2, 3])),
  ConvInteger: (c) => int(convolution(c, 1, [2, 3])),
  ...{ QLinearMatMul: linearProduct, QLinearConv: linearConvolution },
  ...Object.fromEntries(Object.entries(microsoft).map(([name, f]) => [`com.microsoft.${name}`, f])),
};
