// Matrix products by packing and a register-blocked micro-kernel, after Goto and van de Geijn, "Anatomy of
// high-performance matrix multiplication" (ACM TOMS 34(3), 2008) and Van Zee and van de Geijn, "BLIS" (ACM TOMS 41(3),
// 2015): a kc × nc panel of B in the last cache, an mc × kc block of A in the second, an MR × NR tile of C in registers.
// Written once for f64 and f32. An element of C is added up in an order that depends on k alone, not on m, n or the
// position of the tile, so that blocks of columns computed by different threads have the bits of one.

import { evenly, roundUp } from '../common/blocks';
import { KC, MC, NC, pack } from '../common/packing';
import { spread, spreadColumns, spreadTile, tile } from '../common/tiles';
import { addSparseProduct, allFinite, worthSkipping } from '../common/zeros';

const NR: i32 = 4;
// Rows of a block of A from which on it is worth spreading a panel of B.
const SPREAD: i32 = 48;

// Rows of a tile: two vectors.
// @ts-ignore: decorator
@inline
function MR<T>(): i32 { return 32 / sizeof<T>(); }

/** A tile on an edge of C, or across the diagonal where only row ≥ col + shift may be written: through a buffer. */
function edgeTile<T>(
  packed: bool, depth: i32, alpha: T, a: usize, b: usize, bcs: usize, c: usize, ldc: usize, rows: i32, cols: i32,
  shift: i32, fresh: bool, buffer: usize,
): void {
  if (packed) {
    tile<T>(true, depth, alpha, a, b, b, b, b, buffer, 32, true);
  } else {
    // Past the last column of B comes that column again.
    const last = b + <usize>(cols - 1) * bcs;
    tile<T>(false, depth, alpha, a, b, min(b + bcs, last), min(b + 2 * bcs, last), last, buffer, 32, true);
  }
  giveEdge<T>(c, ldc, rows, cols, shift, fresh, buffer);
}

/** The part of a tile in the buffer that C has, on and below its diagonal. */
function giveEdge<T>(c: usize, ldc: usize, rows: i32, cols: i32, shift: i32, fresh: bool, buffer: usize): void {
  const bytes = <usize>sizeof<T>();
  for (let j = 0; j < cols; j++) {
    for (let i = max(0, j + shift); i < rows; i++) {
      const at = c + <usize>j * ldc + <usize>i * bytes;
      const gain = load<T>(buffer + (<usize>j << 5) + <usize>i * bytes);
      store<T>(at, fresh ? gain : load<T>(at) + gain);
    }
  }
}

/**
 * The tiles of a packed block of A, rows from `ic` on, by a panel of B, columns from `jc` on. A function of its own: it is
 * called often, so that an engine that began with simple code soon has it better, in the middle of a large product.
 */
export function addBlock<T>(
  packs: bool, lower: bool, mc: i32, nc: i32, depth: i32, ic: i32, jc: i32, alpha: T, packedA: usize, B: usize,
  bcs: usize, C: usize, ldc: usize, fresh: bool, work: usize,
): void {
  const bytes = <usize>sizeof<T>();
  const mr = MR<T>();
  const spreads = mc >= SPREAD;
  const panel = work + 128;
  const rounds = <usize>(depth & ~3) << 5, rest = depth & 3;
  for (let jr = 0; jr < nc; jr += NR) {
    const cols = min(NR, nc - jr);
    const col = jc + jr;
    if (lower && ic + mc <= col) break;
    const b = B + (packs ? <usize>(jr * depth) * bytes : <usize>jr * bcs);
    if (spreads) {
      // Past the last column of B comes that column again.
      const last = b + <usize>(cols - 1) * bcs;
      if (packs) spread<T>(depth, b, panel);
      else spreadColumns<T>(depth, b, min(b + bcs, last), min(b + 2 * bcs, last), last, panel);
    }
    for (let ir = 0; ir < mc; ir += mr) {
      const rows = min(mr, mc - ir);
      const row = ic + ir;
      if (lower && row + rows <= col) continue;
      const a = packedA + <usize>(ir * depth) * bytes;
      const c = C + <usize>row * bytes + <usize>col * ldc;
      const across = lower && row < col + cols - 1;
      const whole = rows == mr && cols == NR && !across;
      if (spreads) {
        const to = a + rounds;
        spreadTile<T>(
          rest ? 0 : to, rest == 1 ? to : 0, rest == 2 ? to : 0, rest == 3 ? to : 0,
          alpha, a, panel, whole ? c : work, whole ? ldc : 32, whole ? fresh : true,
        );
        if (!whole) giveEdge<T>(c, ldc, rows, cols, across ? col - row : -mr, fresh, work);
      } else if (!whole) {
        edgeTile<T>(packs, depth, alpha, a, b, bcs, c, ldc, rows, cols, across ? col - row : -mr, fresh, work);
      } else if (packs) {
        tile<T>(true, depth, alpha, a, b, b, b, b, c, ldc, fresh);
      } else {
        tile<T>(false, depth, alpha, a, b, b + bcs, b + 2 * bcs, b + 3 * bcs, c, ldc, fresh);
      }
    }
  }
}

/**
 * C ← C + alpha·A·B for A m × k with byte strides (ars, acs) and B k × n with (brs, bcs); with `lower`, only on and
 * below the diagonal of C. Work holds a tile, a packed block of A and a packed panel of B. B with contiguous columns is
 * not worth packing where few blocks of A read it. `fresh` stores the product, whatever C held. `ready` holds the packed
 * blocks of A in the order in which they are read, or is 0.
 */
export function addProduct<T>(
  lower: bool, m: i32, n: i32, k: i32, alpha: T, A: usize, ars: usize, acs: usize, B: usize, brs: usize, bcs: usize,
  C: usize, ldc: usize, fresh: bool, work: usize, ready: usize = 0,
): void {
  const bytes = <usize>sizeof<T>();
  const mr = MR<T>();
  const kc = min(KC, k);
  const packs = m > (lower ? 128 : 512) || brs != bytes;
  // The same matrix from both sides, tiles as high as wide: a panel of B is a block of A, too.
  const same = lower && packs && mr == NR && A == B && ars == bcs && acs == brs;
  const packedA = work + 128 + (<usize>KC << 6);
  const packedB = packedA + <usize>(roundUp(min(MC, m), mr) * kc) * bytes;
  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    let next = ready;
    for (let pc = 0; pc < k; pc += KC) {
      const depth = min(KC, k - pc);
      const panel = B + <usize>pc * brs + <usize>jc * bcs;
      if (packs) pack<T>(nc, depth, panel, bcs, brs, NR, packedB);
      const i0 = lower ? jc : 0, step = evenly(m - i0, MC, mr);
      for (let ic = i0; ic < m; ic += step) {
        const mc = min(step, m - ic), first = fresh && pc == 0;
        let a = packedA;
        if (ready) {
          a = next;
          next += <usize>(roundUp(mc, mr) * depth) * bytes;
        } else if (same && ic >= jc && ic + mc <= jc + nc) a = packedB + <usize>((ic - jc) * depth) * bytes;
        else pack<T>(mc, depth, A + <usize>ic * ars + <usize>pc * acs, ars, acs, mr, packedA);
        // Called in two places, or the compiler would put it here.
        if (packs) addBlock<T>(true, lower, mc, nc, depth, ic, jc, alpha, a, packedB, bcs, C, ldc, first, work);
        else addBlock<T>(false, lower, mc, nc, depth, ic, jc, alpha, a, panel, bcs, C, ldc, first, work);
      }
    }
  }
}

/** C ← βC; β = 0 clears, whatever C held. */
function scaleMatrix<T>(m: i32, n: i32, beta: T, C: usize, ldc: usize): void {
  if (beta == 1) return;
  const bytes = <usize>sizeof<T>();
  for (let j = 0; j < n; j++) {
    let c = C + <usize>j * ldc;
    if (beta == 0) {
      memory.fill(c, 0, <usize>m * bytes);
    } else {
      for (let i = 0; i < m; i++) {
        store<T>(c, beta * load<T>(c));
        c += bytes;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function product<T>(
  transA: bool, transB: bool, m: i32, n: i32, k: i32, alpha: T, A: usize, lda: i32, B: usize, ldb: i32, beta: T,
  C: usize, ldc: i32, work: usize,
): void {
  const bytes = <usize>sizeof<T>();
  const a = <usize>lda * bytes, b = <usize>ldb * bytes, c = <usize>ldc * bytes;
  const fresh = beta == 0 && alpha != 0 && k > 0;
  if (!fresh) scaleMatrix<T>(m, n, beta, C, c);
  if (alpha == 0) return;
  const ars = transA ? a : bytes, acs = transA ? bytes : a, brs = transB ? b : bytes, bcs = transB ? bytes : b;
  if (
    sizeof<T>() == 4 && worthSkipping(m, n, k, B, brs, bcs) && allFinite(transA ? m : k, transA ? k : m, A, a)
  ) {
    addSparseProduct(m, n, k, <f32>alpha, A, ars, acs, B, brs, bcs, C, c, fresh, work);
  } else {
    addProduct<T>(false, m, n, k, alpha, A, ars, acs, B, brs, bcs, C, c, fresh, work);
  }
}

/**
 * C ← α·op(A)·op(B) + βC; C m×n, op(A) m×k, op(B) k×n. β = 0 overwrites C whatever it held. `work` has gemmWorkBytes(m,
 * n, k) bytes. Each element is added up in an order that depends on k alone. O(mnk).
 */
export function gemm(
  transA: bool, transB: bool, m: i32, n: i32, k: i32, alpha: f64, A: usize, lda: i32, B: usize, ldb: i32, beta: f64,
  C: usize, ldc: i32, work: usize,
): void {
  product<f64>(transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, work);
}

/** As {@link gemm}, in single precision throughout; the same work. */
export function sgemm(
  transA: bool, transB: bool, m: i32, n: i32, k: i32, alpha: f32, A: usize, lda: i32, B: usize, ldb: i32, beta: f32,
  C: usize, ldc: i32, work: usize,
): void {
  product<f32>(transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, work);
}

/**
 * The blocks of op(A), m×k, as {@link sgemm} packs them, one after the other: roundUp(m, 8)·k numbers, for products by
 * {@link sgemmPacked}. O(mk).
 */
export function sgemmPack(transA: bool, m: i32, k: i32, A: usize, lda: i32, out: usize): void {
  const a = <usize>lda << 2;
  const ars: usize = transA ? a : 4, acs: usize = transA ? 4 : a;
  const mr = MR<f32>(), step = evenly(m, MC, mr);
  for (let pc = 0; pc < k; pc += KC) {
    const depth = min(KC, k - pc);
    for (let ic = 0; ic < m; ic += step) {
      const mc = min(step, m - ic);
      pack<f32>(mc, depth, A + <usize>ic * ars + <usize>pc * acs, ars, acs, mr, out);
      out += <usize>(roundUp(mc, mr) * depth) << 2;
    }
  }
}

/** C ← A·B for an A that {@link sgemmPack} packed, with the bits of {@link sgemm}; the same work. O(mnk). */
export function sgemmPacked(
  m: i32, n: i32, k: i32, A: usize, B: usize, ldb: i32, C: usize, ldc: i32, work: usize,
): void {
  addProduct<f32>(
    false, m, n, k, 1, A, 0, 0, B, 4, <usize>ldb << 2, C, <usize>ldc << 2, true, work, A,
  );
}

/**
 * C ← AᵀA for A k×n, or AAᵀ for A n×k where `trans` says so, both triangles; `work` has gemmWorkBytes(n, n, k) bytes.
 * O(n²k), half of gemm's.
 */
export function syrk(trans: bool, n: i32, k: i32, A: usize, lda: i32, C: usize, ldc: i32, work: usize): void {
  const a = <usize>lda << 3, c = <usize>ldc << 3;
  const across: usize = trans ? 8 : a, along: usize = trans ? a : 8;
  scaleMatrix<f64>(n, n, 0, C, c);
  addProduct<f64>(true, n, n, k, 1, A, across, along, A, along, across, C, c, false, work);
  mirrorLower(n, C, ldc);
}

/** Copies the lower triangle of the n×n C onto the upper, in blocks. O(n²). */
export function mirrorLower(n: i32, C: usize, ldc: i32): void {
  const c = <usize>ldc << 3;
  for (let jb = 0; jb < n; jb += 32) {
    for (let ib = jb; ib < n; ib += 32) {
      const iEnd = min(n, ib + 32);
      for (let j = jb; j < min(n, jb + 32); j++) {
        for (let i = max(ib, j + 1); i < iEnd; i++) {
          store<f64>(C + <usize>i * c + (<usize>j << 3), load<f64>(C + <usize>j * c + (<usize>i << 3)));
        }
      }
    }
  }
}
