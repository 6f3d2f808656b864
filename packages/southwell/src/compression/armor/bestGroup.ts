/** The best values at `keep` of `of` places, and by how much they lower the squared error. */
export interface Choice {
  /** Places that stay. */
  readonly places: readonly number[];
  readonly values: readonly number[];
  readonly gain: number;
}

/** All ways to choose `keep` of `of` places, in lexical order. */
export function choices(keep: number, of: number): readonly (readonly number[])[] {
  const out: number[][] = [];
  const extend = (chosen: number[], next: number): void => {
    if (chosen.length === keep) out.push(chosen);
    else for (let k = next; k <= of - (keep - chosen.length); k++) extend([...chosen, k], k + 1);
  };
  extend([], 0);
  return out;
}

/**
 * The minimum of s·vᵀGv − 2vᵀf over vectors v of which only the places of one of `sets` may be other than 0, where G is
 * positive semidefinite (`of` × `of`, by rows) and s > 0: v = G⁻¹f/s on the places, and gain = fᵀG⁻¹f/s. Sets on which G is
 * singular to rounding are left out; undefined if all are.
 */
export function bestChoice(
  G: Float64Array,
  f: Float64Array,
  s: number,
  sets: readonly (readonly number[])[],
): Choice | undefined {
  let best: Choice | undefined;
  for (const places of sets) {
    const values = solveOn(G, f, places);
    if (!values) continue;
    let gain = 0;
    for (const [k, place] of places.entries()) {
      gain += values[k] * f[place];
      values[k] /= s;
    }
    gain /= s;
    if (!best || gain > best.gain) best = { places, values, gain };
  }
  return best;
}

/** Pivots below this share of the diagonal count as 0. */
const TINY = 1e-12;

/** G⁻¹f on some places, by Cholesky's method. */
function solveOn(G: Float64Array, f: Float64Array, places: readonly number[]): number[] | undefined {
  const k = places.length;
  const n = f.length;
  const L: number[][] = [];
  for (let p = 0; p < k; p++) {
    const row: number[] = [];
    for (let q = 0; q <= p; q++) {
      let sum = G[places[p] * n + places[q]];
      for (let r = 0; r < q; r++) sum -= row[r] * (q === p ? row[r] : L[q][r]);
      if (q === p) {
        if (!(sum > TINY * G[places[p] * n + places[p]])) return undefined;
        row.push(Math.sqrt(sum));
      } else row.push(sum / L[q][q]);
    }
    L.push(row);
  }
  const y: number[] = [];
  for (let p = 0; p < k; p++) {
    let sum = f[places[p]];
    for (let q = 0; q < p; q++) sum -= L[p][q] * y[q];
    y.push(sum / L[p][p]);
  }
  for (let p = k - 1; p >= 0; p--) {
    let sum = y[p];
    for (let q = p + 1; q < k; q++) sum -= L[q][p] * y[q];
    y[p] = sum / L[p][p];
  }
  return y;
}
