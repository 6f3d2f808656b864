// A quadratic model of all p columns, ½bᵀGb − cᵀb with G p × p symmetric: its gradient and what goes with it.
import { addColumns } from './descent';

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
