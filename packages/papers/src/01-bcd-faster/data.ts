import { CscMatrix, elementary, Random } from 'southwell';

/**
 * The paper's synthetic problems, regenerated from its description (the files of sets A and E are not public). All are
 * reproducible for a seed.
 */

/** The sparse design of sets A, B and C: N(1, 1) entries, column j times 10·N(0, 1), kept with probability 10·ln(n)/n. */
export function sparseDesign(n: number, p: number, random: Random): CscMatrix {
  const keep = Math.min(1, (10 * elementary.log(n)) / n);
  const rows: number[] = [];
  const values: number[] = [];
  const pointers = new Int32Array(p + 1);
  for (let j = 0; j < p; j++) {
    const scale = 10 * random.normal();
    for (let i = 0; i < n; i++) {
      if (random.uniform() < keep) {
        rows.push(i);
        values.push((random.normal() + 1) * scale);
      }
    }
    pointers[j + 1] = rows.length;
  }
  return CscMatrix.fromColumns(n, p, pointers, rows, values);
}

function times(A: CscMatrix, w: Float64Array): Float64Array {
  const out = new Float64Array(A.rows);
  const { colPointers, rowIndices, values } = A;
  for (let j = 0; j < A.cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) out[rowIndices[k]] += w[j] * values[k];
  }
  return out;
}

/** w_j ~ N(0, 1) with probability 0.1, else 0. */
const sparseWeights = (p: number, random: Random): Float64Array =>
  Float64Array.from({ length: p }, () => (random.uniform() < 0.1 ? random.normal() : 0));

export interface Regression {
  readonly A: CscMatrix;
  readonly y: Float64Array;
}

/** A: y = Aw + N(0, 1), 1000 × 10000 in the paper. */
export function setA(seed: number, n = 1000, p = 10000): Regression {
  const random = new Random(seed);
  const A = sparseDesign(n, p, random);
  const y = times(A, sparseWeights(p, random));
  for (let i = 0; i < n; i++) y[i] += random.normal();
  return { A, y };
}

/** B: y = sign(Aw), flipped with probability 0.1; same design as A. */
export function setB(seed: number, n = 1000, p = 10000): Regression {
  const random = new Random(seed);
  const A = sparseDesign(n, p, random);
  const y = times(A, sparseWeights(p, random));
  for (let i = 0; i < n; i++) y[i] = (y[i] >= 0 ? 1 : -1) * (random.uniform() < 0.1 ? -1 : 1);
  return { A, y };
}

/** C: k classes, label = argmax(AW + N(0, 1)) with a dense normal W; 1000 × 1000, k = 50. */
export function setC(
  seed: number,
  n = 1000,
  d = 1000,
  classes = 50,
): { A: CscMatrix; labels: Int32Array; classes: number } {
  const random = new Random(seed);
  const A = sparseDesign(n, d, random);
  const labels = new Int32Array(n);
  const best = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  for (let c = 0; c < classes; c++) {
    const z = times(
      A,
      Float64Array.from({ length: d }, () => random.normal()),
    );
    for (let i = 0; i < n; i++) {
      const v = z[i] + random.normal();
      if (v > best[i]) {
        best[i] = v;
        labels[i] = c;
      }
    }
  }
  return { A, labels, classes };
}

export interface LabelledGraph {
  readonly W: CscMatrix;
  /** NaN if there is no label. */
  readonly labels: Float64Array;
}

/** D: a side × side lattice, node = column · side + row, weights 10⁵, labels 10·N(0, 1) on 4 % of the nodes (100). */
export function setD(seed: number, side = 50, labelled = Math.round((side * side) / 25)): LabelledGraph {
  const random = new Random(seed);
  const n = side * side;
  const from: number[] = [];
  const to: number[] = [];
  for (let column = 0; column < side; column++) {
    for (let row = 0; row < side; row++) {
      const i = column * side + row;
      const neighbours = [row + 1 < side ? i + 1 : -1, column + 1 < side ? i + side : -1];
      for (const j of neighbours) {
        if (j < 0) continue;
        from.push(i, j);
        to.push(j, i);
      }
    }
  }
  const W = CscMatrix.fromTriplets(n, n, from, to, new Float64Array(from.length).fill(1e5));
  const labels = new Float64Array(n).fill(Number.NaN);
  for (const i of random.sample(n, labelled).sort()) labels[i] = 10 * random.normal();
  return { W, labels };
}

/**
 * E: two moons of unit radius (the second at (1 + cos φ, ½ − sin φ)), Gaussian noise of variance 0.04, the symmetrised
 * 0/1 graph of the 5 nearest neighbours, 5 % of the nodes labelled 1 or 2. Redrawn until every component has a label.
 */
export function setE(seed: number, n = 2000, labelled = Math.round(n / 20)): LabelledGraph {
  for (let attempt = 0; ; attempt++) {
    const graph = twoMoons(new Random(seed).split(attempt), n, labelled);
    if (reachesLabels(graph)) return graph;
  }
}

function twoMoons(random: Random, n: number, labelled: number): LabelledGraph {
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  const moon = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    moon[i] = random.uniform() < 0.5 ? 1 : 2;
    const angle = Math.PI * random.uniform();
    x[i] = (moon[i] === 1 ? elementary.cos(angle) : 1 + elementary.cos(angle)) + 0.2 * random.normal();
    y[i] = (moon[i] === 1 ? elementary.sin(angle) : 0.5 - elementary.sin(angle)) + 0.2 * random.normal();
  }
  const edges = new Set<number>();
  for (let i = 0; i < n; i++) {
    const nearest: Array<{ j: number; distance: number }> = [];
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const distance = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2;
      if (nearest.length === 5 && distance >= nearest[4].distance) continue;
      let at = nearest.length;
      while (at > 0 && nearest[at - 1].distance > distance) at--;
      nearest.splice(at, 0, { j, distance });
      if (nearest.length > 5) nearest.pop();
    }
    for (const { j } of nearest) {
      edges.add(i * n + j);
      edges.add(j * n + i);
    }
  }
  const list = Array.from(edges);
  const W = CscMatrix.fromTriplets(
    n,
    n,
    list.map((e) => Math.floor(e / n)),
    list.map((e) => e % n),
    new Float64Array(list.length).fill(1),
  );
  const labels = new Float64Array(n).fill(Number.NaN);
  for (const i of random.sample(n, labelled)) labels[i] = moon[i];
  return { W, labels };
}

function reachesLabels({ W, labels }: LabelledGraph): boolean {
  const seen = new Uint8Array(W.rows);
  const stack: number[] = [];
  for (let i = 0; i < W.rows; i++) {
    if (!Number.isNaN(labels[i])) {
      seen[i] = 1;
      stack.push(i);
    }
  }
  while (stack.length > 0) {
    const i = stack.pop()!;
    for (let k = W.colPointers[i]; k < W.colPointers[i + 1]; k++) {
      const j = W.rowIndices[k];
      if (seen[j] === 0) {
        seen[j] = 1;
        stack.push(j);
      }
    }
  }
  return seen.every((v) => v === 1);
}
