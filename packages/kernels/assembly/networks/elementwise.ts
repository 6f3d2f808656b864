// Elementwise functions over strided tensors: any strides, those of 0 and below 0 included, so that views and broadcasting
// need no copies. What is not contiguous is gathered a block at a time, so that an element has the same bits wherever it lies.

import {
  choose, cos, erf, exp, expm1, gelu, geluSlope, log, log1p, num, pow, sigmoid, siluSlope, sin, softplus, tanh,
} from '../common/functions';
import { CLIP, loop3, MUL_ADD, WHERE } from '../common/threefold';

// The numbers of the functions, those of mapCodes in src/twin/elementwise.ts.
const COPY: i32 = 0;
const NEG: i32 = 1;
const ABS: i32 = 2;
const SIGN: i32 = 3;
const SQRT: i32 = 4;
const EXP: i32 = 5;
const EXPM1: i32 = 6;
const LOG: i32 = 7;
const LOG1P: i32 = 8;
const TANH: i32 = 9;
const SIGMOID: i32 = 10;
const RELU: i32 = 11;
const GELU: i32 = 12;
const SILU: i32 = 13;
const SOFTPLUS: i32 = 14;
const SIN: i32 = 15;
const COS: i32 = 16;
const ERF: i32 = 17;
const SQUARE: i32 = 18;
const RECIPROCAL: i32 = 19;
const FLOOR: i32 = 20;
const ROUND: i32 = 21;
const CEIL: i32 = 22;
const ADD: i32 = 32;
const SUB: i32 = 33;
const MUL: i32 = 34;
const DIV: i32 = 35;
const MIN: i32 = 36;
const MAX: i32 = 37;
const POW: i32 = 38;
const LT: i32 = 39;
const LE: i32 = 40;
const EQ: i32 = 41;
const NE: i32 = 42;
const ADD_RELU: i32 = 43;
const ADD_TANH: i32 = 44;
const ADD_SIGMOID: i32 = 45;
const RELU_GRAD: i32 = 46;
const TANH_GRAD: i32 = 47;
const SIGMOID_GRAD: i32 = 48;
const GELU_GRAD: i32 = 49;
const SILU_GRAD: i32 = 50;

/** Elements of a block that is gathered. */
const BLOCK: i32 = 128;
/** Bytes of work before the blocks: counters of the dimensions. */
const COUNTERS: usize = 128;

// @ts-ignore: decorator
@inline
function unary<T>(op: i32, x: v128): v128 {
  if (op == NEG) return v128.neg<T>(x);
  if (op == ABS) return v128.abs<T>(x);
  if (op == SQRT) return v128.sqrt<T>(x);
  if (op == EXP) return exp<T>(x);
  if (op == EXPM1) return expm1<T>(x);
  if (op == LOG) return log<T>(x);
  if (op == LOG1P) return log1p<T>(x);
  if (op == TANH) return tanh<T>(x);
  if (op == SIGMOID) return sigmoid<T>(x);
  if (op == RELU) return v128.max<T>(x, num<T>(0));
  if (op == GELU) return gelu<T>(x);
  if (op == SILU) return v128.mul<T>(x, sigmoid<T>(x));
  if (op == SOFTPLUS) return softplus<T>(x);
  if (op == SIN) return sin<T>(x);
  if (op == COS) return cos<T>(x);
  if (op == ERF) return erf<T>(x);
  if (op == SQUARE) return v128.mul<T>(x, x);
  if (op == RECIPROCAL) return v128.div<T>(num<T>(1), x);
  if (op == FLOOR) return v128.floor<T>(x);
  if (op == ROUND) return v128.nearest<T>(x);
  if (op == CEIL) return v128.ceil<T>(x);
  if (op == SIGN) {
    const one = v128.or(v128.and(x, num<T>(-0.0)), num<T>(1));
    return choose(v128.or(v128.lt<T>(x, num<T>(0)), v128.gt<T>(x, num<T>(0))), one, x);
  }
  return x;
}

// @ts-ignore: decorator
@inline
function binary<T>(op: i32, x: v128, y: v128): v128 {
  if (op == ADD) return v128.add<T>(x, y);
  if (op == SUB) return v128.sub<T>(x, y);
  if (op == MUL) return v128.mul<T>(x, y);
  if (op == DIV) return v128.div<T>(x, y);
  if (op == MIN) return v128.min<T>(x, y);
  if (op == MAX) return v128.max<T>(x, y);
  if (op == POW) return pow<T>(x, y);
  if (op == LT) return v128.and(v128.lt<T>(x, y), num<T>(1));
  if (op == LE) return v128.and(v128.le<T>(x, y), num<T>(1));
  if (op == EQ) return v128.and(v128.eq<T>(x, y), num<T>(1));
  if (op == NE) return v128.and(v128.ne<T>(x, y), num<T>(1));
  if (op == ADD_RELU) return v128.max<T>(v128.add<T>(x, y), num<T>(0));
  if (op == ADD_TANH) return tanh<T>(v128.add<T>(x, y));
  if (op == ADD_SIGMOID) return sigmoid<T>(v128.add<T>(x, y));
  if (op == RELU_GRAD) return v128.and(v128.gt<T>(y, num<T>(0)), x);
  if (op == TANH_GRAD) return v128.mul<T>(x, v128.sub<T>(num<T>(1), v128.mul<T>(y, y)));
  if (op == SIGMOID_GRAD) return v128.mul<T>(x, v128.mul<T>(y, v128.sub<T>(num<T>(1), y)));
  if (op == GELU_GRAD) return v128.mul<T>(x, geluSlope<T>(y));
  return v128.mul<T>(x, siluSlope<T>(y));
}

/** y ← f(a), where a moves on by `da` bytes a vector: 16, or 0 for one value splat. What is left over goes through `end`. */
// @ts-ignore: decorator
@inline
function loop1<T>(op: i32, n: i32, y: usize, a: usize, da: usize, end: usize): void {
  const lanes = 16 / sizeof<T>();
  for (let i = n / lanes; i > 0; i--) {
    v128.store(y, unary<T>(op, v128.load(a)));
    a += da;
    y += 16;
  }
  const rest = <usize>(n % lanes) * sizeof<T>();
  if (rest != 0) {
    memory.copy(end, a, rest);
    v128.store(end, unary<T>(op, v128.load(end)));
    memory.copy(y, end, rest);
  }
}

// @ts-ignore: decorator
@inline
function loop2<T>(op: i32, n: i32, y: usize, a: usize, da: usize, b: usize, db: usize, end: usize): void {
  const lanes = 16 / sizeof<T>();
  for (let i = n / lanes; i > 0; i--) {
    v128.store(y, binary<T>(op, v128.load(a), v128.load(b)));
    a += da;
    b += db;
    y += 16;
  }
  const rest = <usize>(n % lanes) * sizeof<T>();
  if (rest != 0) {
    memory.copy(end, a, rest);
    memory.copy(end + 16, b, rest);
    v128.store(end, binary<T>(op, v128.load(end), v128.load(end, 16)));
    memory.copy(y, end, rest);
  }
}

// Functions are compiled in groups: the compiler takes much longer for one function with all of them.

function simple<T>(op: i32, n: i32, y: usize, a: usize, da: usize, end: usize): void {
  switch (op) {
    case COPY: loop1<T>(COPY, n, y, a, da, end); break;
    case NEG: loop1<T>(NEG, n, y, a, da, end); break;
    case ABS: loop1<T>(ABS, n, y, a, da, end); break;
    case SIGN: loop1<T>(SIGN, n, y, a, da, end); break;
    case SQRT: loop1<T>(SQRT, n, y, a, da, end); break;
    case RELU: loop1<T>(RELU, n, y, a, da, end); break;
    case SQUARE: loop1<T>(SQUARE, n, y, a, da, end); break;
    case RECIPROCAL: loop1<T>(RECIPROCAL, n, y, a, da, end); break;
    case FLOOR: loop1<T>(FLOOR, n, y, a, da, end); break;
    case ROUND: loop1<T>(ROUND, n, y, a, da, end); break;
    case CEIL: loop1<T>(CEIL, n, y, a, da, end); break;
  }
}

function exponential<T>(op: i32, n: i32, y: usize, a: usize, da: usize, end: usize): void {
  switch (op) {
    case EXP: loop1<T>(EXP, n, y, a, da, end); break;
    case EXPM1: loop1<T>(EXPM1, n, y, a, da, end); break;
    case LOG: loop1<T>(LOG, n, y, a, da, end); break;
    case LOG1P: loop1<T>(LOG1P, n, y, a, da, end); break;
  }
}

function sigmoidal<T>(op: i32, n: i32, y: usize, a: usize, da: usize, end: usize): void {
  switch (op) {
    case TANH: loop1<T>(TANH, n, y, a, da, end); break;
    case SIGMOID: loop1<T>(SIGMOID, n, y, a, da, end); break;
    case SILU: loop1<T>(SILU, n, y, a, da, end); break;
    case SOFTPLUS: loop1<T>(SOFTPLUS, n, y, a, da, end); break;
  }
}

function errors<T>(op: i32, n: i32, y: usize, a: usize, da: usize, end: usize): void {
  switch (op) {
    case GELU: loop1<T>(GELU, n, y, a, da, end); break;
    case ERF: loop1<T>(ERF, n, y, a, da, end); break;
  }
}

function angular<T>(op: i32, n: i32, y: usize, a: usize, da: usize, end: usize): void {
  switch (op) {
    case SIN: loop1<T>(SIN, n, y, a, da, end); break;
    case COS: loop1<T>(COS, n, y, a, da, end); break;
  }
}

function arithmetic<T>(op: i32, n: i32, y: usize, a: usize, da: usize, b: usize, db: usize, end: usize): void {
  switch (op) {
    case ADD: loop2<T>(ADD, n, y, a, da, b, db, end); break;
    case SUB: loop2<T>(SUB, n, y, a, da, b, db, end); break;
    case MUL: loop2<T>(MUL, n, y, a, da, b, db, end); break;
    case DIV: loop2<T>(DIV, n, y, a, da, b, db, end); break;
    case MIN: loop2<T>(MIN, n, y, a, da, b, db, end); break;
    case MAX: loop2<T>(MAX, n, y, a, da, b, db, end); break;
    case LT: loop2<T>(LT, n, y, a, da, b, db, end); break;
    case LE: loop2<T>(LE, n, y, a, da, b, db, end); break;
    case EQ: loop2<T>(EQ, n, y, a, da, b, db, end); break;
    case NE: loop2<T>(NE, n, y, a, da, b, db, end); break;
    case ADD_RELU: loop2<T>(ADD_RELU, n, y, a, da, b, db, end); break;
    case RELU_GRAD: loop2<T>(RELU_GRAD, n, y, a, da, b, db, end); break;
    case TANH_GRAD: loop2<T>(TANH_GRAD, n, y, a, da, b, db, end); break;
    case SIGMOID_GRAD: loop2<T>(SIGMOID_GRAD, n, y, a, da, b, db, end); break;
  }
}

function composed<T>(op: i32, n: i32, y: usize, a: usize, da: usize, b: usize, db: usize, end: usize): void {
  switch (op) {
    case POW: loop2<T>(POW, n, y, a, da, b, db, end); break;
    case ADD_TANH: loop2<T>(ADD_TANH, n, y, a, da, b, db, end); break;
    case ADD_SIGMOID: loop2<T>(ADD_SIGMOID, n, y, a, da, b, db, end); break;
  }
}

function slopes<T>(op: i32, n: i32, y: usize, a: usize, da: usize, b: usize, db: usize, end: usize): void {
  switch (op) {
    case GELU_GRAD: loop2<T>(GELU_GRAD, n, y, a, da, b, db, end); break;
    case SILU_GRAD: loop2<T>(SILU_GRAD, n, y, a, da, b, db, end); break;
  }
}

/** n elements without gaps or splat. */
function run<T>(
  op: i32, n: i32, y: usize, a: usize, da: usize, b: usize, db: usize, c: usize, dc: usize, end: usize,
): void {
  switch (op) {
    case COPY: case NEG: case ABS: case SIGN: case SQRT: case RELU: case SQUARE: case RECIPROCAL: case FLOOR:
    case ROUND: case CEIL: simple<T>(op, n, y, a, da, end); break;
    case EXP: case EXPM1: case LOG: case LOG1P: exponential<T>(op, n, y, a, da, end); break;
    case TANH: case SIGMOID: case SILU: case SOFTPLUS: sigmoidal<T>(op, n, y, a, da, end); break;
    case GELU: case ERF: errors<T>(op, n, y, a, da, end); break;
    case SIN: case COS: angular<T>(op, n, y, a, da, end); break;
    case ADD: case SUB: case MUL: case DIV: case MIN: case MAX: case LT: case LE: case EQ: case NE:
    case ADD_RELU: case RELU_GRAD: case TANH_GRAD: case SIGMOID_GRAD:
      arithmetic<T>(op, n, y, a, da, b, db, end); break;
    case POW: case ADD_TANH: case ADD_SIGMOID: composed<T>(op, n, y, a, da, b, db, end); break;
    case GELU_GRAD: case SILU_GRAD: slopes<T>(op, n, y, a, da, b, db, end); break;
    case WHERE: loop3<T>(WHERE, n, y, a, da, b, db, c, dc, end); break;
    case CLIP: loop3<T>(CLIP, n, y, a, da, b, db, c, dc, end); break;
    case MUL_ADD: loop3<T>(MUL_ADD, n, y, a, da, b, db, c, dc, end); break;
  }
}

/** `count` elements with a stride in bytes, without gaps; or one value, splat. */
// @ts-ignore: decorator
@inline
function gather<T>(count: i32, from: usize, stride: isize, to: usize): void {
  if (stride == 0) {
    v128.store(to, v128.splat<T>(load<T>(from)));
    return;
  }
  for (let i = 0; i < count; i++) {
    store<T>(to, load<T>(from));
    from += stride;
    to += sizeof<T>();
  }
}

/** One run of the innermost dimension; strides in elements. */
function span<T>(
  op: i32, n: i32, y: usize, ys: i32, a: usize, sa: i32, b: usize, sb: i32, c: usize, sc: i32, work: usize,
): void {
  const size = <isize>sizeof<T>();
  const end = work, block = <usize>BLOCK * sizeof<T>();
  if (op == COPY && ys == 1 && sa == 1) {
    memory.copy(y, a, <usize>n * size);
    return;
  }
  // Buffers of one vector for what is splat, of a block for what is gathered.
  const bufferA = work + 64, bufferB = bufferA + block, bufferC = bufferB + block, bufferY = bufferC + block;
  if (sa == 0) { gather<T>(1, a, 0, bufferA); a = bufferA; }
  if (sb == 0) { gather<T>(1, b, 0, bufferB); b = bufferB; }
  if (sc == 0) { gather<T>(1, c, 0, bufferC); c = bufferC; }
  const da = sa == 0 ? 0 : 16, db = sb == 0 ? 0 : 16, dc = sc == 0 ? 0 : 16;
  if (ys == 1 && <u32>sa <= 1 && <u32>sb <= 1 && <u32>sc <= 1) {
    run<T>(op, n, y, a, da, b, db, c, dc, end);
    return;
  }
  for (let at = 0; at < n; at += BLOCK) {
    const count = min(BLOCK, n - at);
    let pa = a, pb = b, pc = c;
    if (sa != 0) { pa = a + <isize>at * sa * size; if (sa != 1) { gather<T>(count, pa, <isize>sa * size, bufferA); pa = bufferA; } }
    if (sb != 0) { pb = b + <isize>at * sb * size; if (sb != 1) { gather<T>(count, pb, <isize>sb * size, bufferB); pb = bufferB; } }
    if (sc != 0) { pc = c + <isize>at * sc * size; if (sc != 1) { gather<T>(count, pc, <isize>sc * size, bufferC); pc = bufferC; } }
    if (ys == 1) {
      run<T>(op, count, y + <isize>at * size, pa, da, pb, db, pc, dc, end);
    } else {
      run<T>(op, count, bufferY, pa, da, pb, db, pc, dc, end);
      let from = bufferY, to = y + <isize>at * ys * size;
      for (let i = 0; i < count; i++) {
        store<T>(to, load<T>(from));
        from += size;
        to += <isize>ys * size;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function map<T>(op: i32, meta: usize, y: usize, a: usize, b: usize, c: usize, work: usize): void {
  const rank = load<i32>(meta);
  const size = <isize>sizeof<T>();
  meta += 4;
  const inner = meta + <usize>(rank - 1) * 20;
  for (let d = 0; d < rank; d++) if (load<i32>(meta + <usize>d * 20) == 0) return;
  for (let d = 0; d < rank; d++) store<i32>(work + (<usize>d << 2), 0);
  const n = load<i32>(inner), sy = load<i32>(inner, 4), sa = load<i32>(inner, 8), sb = load<i32>(inner, 12), sc = load<i32>(inner, 16);
  while (true) {
    span<T>(op, n, y, sy, a, sa, b, sb, c, sc, work + COUNTERS);
    // The next run: as a counter of many digits.
    let d = rank - 2;
    for (; d >= 0; d--) {
      const dim = meta + <usize>d * 20, counter = work + (<usize>d << 2);
      const length = load<i32>(dim), ry = <isize>load<i32>(dim, 4) * size, ra = <isize>load<i32>(dim, 8) * size;
      const rb = <isize>load<i32>(dim, 12) * size, rc = <isize>load<i32>(dim, 16) * size;
      const next = load<i32>(counter) + 1;
      if (next < length) {
        store<i32>(counter, next);
        y += ry;
        a += ra;
        b += rb;
        c += rc;
        break;
      }
      store<i32>(counter, 0);
      const back = <isize>(length - 1);
      y -= ry * back;
      a -= ra * back;
      b -= rb * back;
      c -= rc * back;
    }
    if (d < 0) return;
  }
}

/**
 * y ← f(a, b, c), elementwise. `meta` holds as i32 the number of dimensions (1 to 32) and for each, the outermost first, its
 * length and the strides in elements of y, a, b and c. Operands that f does not take have strides of 0 and any pointer that
 * can be read. `work` has 8 KiB. y may be an operand of the same strides. `op` is a number of mapCodes.
 */
export function mapElements(op: i32, meta: usize, y: usize, a: usize, b: usize, c: usize, work: usize): void {
  map<f64>(op, meta, y, a, b, c, work);
}

/** As {@link mapElements}, of f32; with op 0 any words of four bytes. */
export function smapElements(op: i32, meta: usize, y: usize, a: usize, b: usize, c: usize, work: usize): void {
  map<f32>(op, meta, y, a, b, c, work);
}
