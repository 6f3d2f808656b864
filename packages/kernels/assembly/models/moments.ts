// A quadratic model of all p columns, ½bᵀGb − cᵀb with G p × p symmetric: its gradient and what goes with it.
import { addColumns } from './descent';
import { dot } from '../dense/level1';

/**
 * q ← c − Gb; facts ← Σ b_j(c_j + q_j), twice what b gains, Σ b_j means_j and Σ |b_j|√G_jj. `list` and `packed` have room for p
 * words and doubles. O(p · non-zeros of b).
 */
export function modelGradient(
  p: i32, G: usize, means: usize, b: usize, c: usize, q: usize, facts: usize, list: usize, packed: usize,
): void {
  let k = 0;
  for (let j = 0; j < p; j++) {
    const x = load<f64>(b + (<usize>j << 3));
    if (x == 0) continue;
    store<i32>(list + (<usize>k << 2), j);
    store<f64>(packed + (<usize>k << 3), x);
    k++;
  }
  memory.copy(q, c, <usize>p << 3);
  addColumns(p, k, list, G, p, -1, packed, q);
  let gain: f64 = 0, mean: f64 = 0, size: f64 = 0;
  for (let t = 0; t < k; t++) {
    const j = load<i32>(list + (<usize>t << 2)), x = load<f64>(packed + (<usize>t << 3));
    const o = <usize>j << 3;
    gain += x * (load<f64>(c + o) + load<f64>(q + o));
    mean += x * load<f64>(means + o);
    size += Math.abs(x) * Math.sqrt(load<f64>(G + ((<usize>j * (<usize>p + 1)) << 3)));
  }
  store<f64>(facts, gain);
  store<f64>(facts, mean, 8);
  store<f64>(facts, size, 16);
}

/** Columns from … m−1, both triangles, of out (leading dimension `stride`) ← G[columns, columns], and means of these columns. O(m²). */
export function gatherModel(
  p: i32, G: usize, means: usize, columns: usize, m: i32, from: i32, meansOut: usize, out: usize, stride: i32,
): void {
  for (let t = from; t < m; t++) {
    const j = <usize>load<i32>(columns + (<usize>t << 2));
    const column = G + ((j * <usize>p) << 3);
    store<f64>(meansOut + (<usize>t << 3), load<f64>(means + (j << 3)));
    const to = out + ((<usize>t * <usize>stride) << 3);
    let across = out + (<usize>t << 3);
    for (let r = 0; r <= t; r++) {
      const value = load<f64>(column + (<usize>load<i32>(columns + (<usize>r << 2)) << 3));
      store<f64>(to + (<usize>r << 3), value);
      store<f64>(across, value);
      across += <usize>stride << 3;
    }
  }
}

/**
 * facts ← bᵀGb, bᵀc, Σ b_j means_j, Σ |b_j|√G_jj and Σ |b_j means_j|: the mean square that a point b leaves, and what rounding may do
 * to it. Reads the upper triangle of G in the columns where b is not 0. O(p · non-zeros of b).
 */
export function modelSquare(p: i32, G: usize, means: usize, c: usize, b: usize, facts: usize): void {
  let square: f64 = 0, product: f64 = 0, mean: f64 = 0, size: f64 = 0, shift: f64 = 0;
  for (let j = 0; j < p; j++) {
    const o = <usize>j << 3, x = load<f64>(b + o);
    if (x == 0) continue;
    const column = G + <usize>j * (<usize>p << 3), own = load<f64>(column + o), m = x * load<f64>(means + o);
    square += x * (x * own + 2 * dot(j, column, b));
    product += x * load<f64>(c + o);
    mean += m;
    size += Math.abs(x) * Math.sqrt(own);
    shift += Math.abs(m);
  }
  store<f64>(facts, square);
  store<f64>(facts, product, 8);
  store<f64>(facts, mean, 16);
  store<f64>(facts, size, 24);
  store<f64>(facts, shift, 32);
}

/** G ← G + share·(H + δδᵀ), all p × p: rows about their means δ are added to others. O(p²). */
export function addModel(p: i32, share: f64, H: usize, delta: usize, G: usize): void {
  const s = f64x2.splat(share), pairs = <usize>(p & ~1) << 3, all = <usize>p << 3;
  for (let j = 0; j < p; j++) {
    const dj = load<f64>(delta + (<usize>j << 3)), d = f64x2.splat(dj);
    for (let o: usize = 0; o != pairs; o += 16) {
      const own = f64x2.add(v128.load(H + o), f64x2.mul(v128.load(delta + o), d));
      v128.store(G + o, f64x2.add(v128.load(G + o), f64x2.mul(s, own)));
    }
    if (p & 1) {
      const own = load<f64>(H + pairs) + load<f64>(delta + pairs) * dj;
      store<f64>(G + pairs, load<f64>(G + pairs) + share * own);
    }
    H += all;
    G += all;
  }
}

/**
 * out ← (G − share·H − factor·δδᵀ)∘(ratio ratioᵀ)·gain, all p × p: rows are taken away whose means are δ from those of all. Symmetric to
 * the last bit where G and H are. O(p²).
 */
export function modelWithout(
  p: i32, G: usize, share: f64, H: usize, factor: f64, delta: usize, ratio: usize, gain: f64, out: usize,
): void {
  const s = f64x2.splat(share), f = f64x2.splat(factor), g = f64x2.splat(gain);
  const pairs = <usize>(p & ~1) << 3, all = <usize>p << 3;
  for (let j = 0; j < p; j++) {
    const dj = load<f64>(delta + (<usize>j << 3)), rj = load<f64>(ratio + (<usize>j << 3));
    const d = f64x2.splat(dj), r = f64x2.splat(rj);
    for (let o: usize = 0; o != pairs; o += 16) {
      const rest = f64x2.sub(
        f64x2.sub(v128.load(G + o), f64x2.mul(s, v128.load(H + o))),
        f64x2.mul(f, f64x2.mul(v128.load(delta + o), d)),
      );
      v128.store(out + o, f64x2.mul(rest, f64x2.mul(g, f64x2.mul(v128.load(ratio + o), r))));
    }
    if (p & 1) {
      const rest = load<f64>(G + pairs) - share * load<f64>(H + pairs) - factor * (load<f64>(delta + pairs) * dj);
      store<f64>(out + pairs, rest * (gain * (load<f64>(ratio + pairs) * rj)));
    }
    G += all;
    H += all;
    out += all;
  }
}
