import type { Entries } from './axes.ts';
import { packedSize } from './packed.ts';

/** Moments of the factors of an axis at its coordinates: means, R each, and E[uuᵀ], packed. */
export interface Moments {
  readonly mean: Float64Array;
  readonly second: Float64Array;
}

/**
 * How entries couple the axes: by a Tucker core, or for CP by a sum of products. Messages to an axis are sums at its
 * coordinates, so that nothing is stored per entry.
 */
export interface Coupling {
  /**
   * Sums over the entries at each coordinate of axis k: of wB, packed, and of wya; the message of an entry to u is (B,
   * ya) E[τ].
   */
  sums(k: number, moments: readonly Moments[], precision: Float64Array, vector: Float64Array): void;
  /** Σ w E(y − f)² over all entries; a core is updated first. */
  settle(moments: readonly Moments[], tau: number, damping: number): number;
}

/** Entries sorted by their coordinate along one axis. */
export interface Groups {
  readonly axis: number;
  readonly pointers: Int32Array;
  readonly entries: Int32Array;
}

export function groupsOf({ axes }: Pick<Entries, 'axes'>, axis: number): Groups {
  const { of, places } = axes[axis];
  const pointers = new Int32Array(places.length + 1);
  for (let n = 0; n < of.length; n++) pointers[of[n] + 1]++;
  for (let i = 0; i < places.length; i++) pointers[i + 1] += pointers[i];
  const next = pointers.slice();
  const entries = new Int32Array(of.length);
  for (let n = 0; n < of.length; n++) entries[next[of[n]]++] = n;
  return { axis, pointers, entries };
}

/** For a tensor of that side with its axes permuted: the position of each entry in the original order. */
export function reordered(side: number, order: readonly number[]): Int32Array {
  const K = order.length;
  const out = new Int32Array(side ** K);
  const strides = order.map((k) => side ** (K - 1 - k));
  const digits = new Int32Array(K);
  for (let at = 0; at < out.length; at++) {
    let place = 0;
    for (let k = 0; k < K; k++) place += digits[k] * strides[k];
    out[at] = place;
    for (let k = K - 1; k >= 0 && ++digits[k] === side; k--) digits[k] = 0;
  }
  return out;
}

/** The position among S^K packed pairs of each pair of R^K entries: each axis pairs its two indices. */
export function pairPlaces(R: number, K: number): Int32Array {
  const S = packedSize(R);
  const size = R ** K;
  const out = new Int32Array(size * size);
  for (let p = 0, at = 0; p < size; p++) {
    for (let q = 0; q < size; q++, at++) {
      let [a, b, stride, place] = [p, q, 1, 0];
      for (let k = 0; k < K; k++) {
        const [i, j] = [a % R, b % R];
        place += stride * (i >= j ? packedSize(i) + j : packedSize(j) + i);
        stride *= S;
        a = (a - i) / R;
        b = (b - j) / R;
      }
      out[at] = place;
    }
  }
  return out;
}

/** Vectors along some axes at the coordinates of an entry: where each starts in the list of its axis. */
export interface Ends {
  readonly lists: Float64Array[];
  readonly at: Int32Array;
}

/**
 * out[at …] += factor × the tensor [first][a]…[z], all of that side, contracted with a vector along each axis but the
 * first. `scratch[j]` has side^(j + 1) numbers.
 */
export function contract(
  tensor: Float64Array,
  side: number,
  { lists, at: begins }: Ends,
  scratch: readonly Float64Array[],
  out: Float64Array,
  at: number,
  factor: number,
): void {
  let from = tensor;
  for (let k = lists.length - 1; k >= 0; k--) {
    const v = lists[k];
    const begin = begins[k];
    const to = scratch[k];
    const size = k === 0 ? side : to.length;
    for (let p = 0, q = 0; p < size; p++) {
      let sum = 0;
      for (let j = 0; j < side; j++, q++) sum += from[q] * v[begin + j];
      to[p] = sum;
    }
    from = to;
  }
  for (let p = 0; p < side; p++) out[at + p] += factor * from[p];
}

/** out += factor × the outer product of a vector along each axis, the last varying fastest. */
function addProduct(
  side: number,
  { lists, at }: Ends,
  scratch: readonly Float64Array[],
  out: Float64Array,
  factor: number,
): void {
  const K = lists.length;
  if (K === 0) {
    out[0] += factor;
    return;
  }
  let before = 1;
  for (let k = 0; k < K; k++) {
    const v = lists[k];
    const begin = at[k];
    const from = scratch[k - 1];
    const to = scratch[k];
    for (let p = 0, q = 0; p < before; p++) {
      const f = k === 0 ? factor : from[p];
      if (k === K - 1) for (let j = 0; j < side; j++, q++) out[q] += f * v[begin + j];
      else for (let j = 0; j < side; j++, q++) to[q] = f * v[begin + j];
    }
    before *= side;
  }
}

const powers = (side: number, count: number): Float64Array[] =>
  Array.from({ length: count }, (_, j) => new Float64Array(side ** (j + 1)));

/** tensor [first][rest] contracted with a vector along the first: into out. */
function contractFirst(tensor: Float64Array, v: Float64Array, begin: number, side: number, out: Float64Array): void {
  const size = out.length;
  const first = v[begin];
  for (let p = 0; p < size; p++) out[p] = first * tensor[p];
  for (let j = 1, q = size; j < side; j++) {
    const f = v[begin + j];
    for (let p = 0; p < size; p++, q++) out[p] += f * tensor[q];
  }
}

/** The order of entries for the update of an axis: in groups along another axis. */
interface Plan {
  readonly groups: Groups | undefined;
  readonly others: readonly number[];
  /** Permutations of core and products to the order [grouped, updated, others] of the axes. */
  readonly means: Int32Array;
  readonly pairs: Int32Array;
}

/**
 * A Tucker core W, R^K, with q(W) = N(W, V). B = E[W₍ₖ₎ (⊗ E[uuᵀ]) W₍ₖ₎ᵀ] is the contraction of one tensor of side S =
 * R(R + 1)/2, products of core entries summed over the orders of each pair of indices, with the packed moments. Entries
 * are processed in groups with the same coordinate along the axis with the fewest, with which that tensor is contracted
 * once per group: a sweep costs O(K N S^(K−1) + (K + 1) n S^K) with n coordinates along that axis.
 */
export class TuckerCoupling implements Coupling {
  readonly core: Float64Array;
  readonly products: Float64Array;
  /** Damped sums over the entries: precision of the core by packed pairs, without its prior, and vector. */
  readonly precision: Float64Array;
  readonly vector: Float64Array;
  private readonly S: number;
  readonly pairOf: Int32Array;
  private readonly plans: readonly Plan[];
  private readonly all: Plan;
  private readonly permutedMeans: Float64Array;
  private readonly permutedPairs: Float64Array;
  private readonly grouped: { readonly means: Float64Array; readonly pairs: Float64Array };
  private readonly scratch: { readonly means: Float64Array[]; readonly pairs: Float64Array[] };

  /** @param gaussian Mean, and covariance if it is propagated, of the core from its precision, by rows, and vector. */
  constructor(
    private readonly entries: Entries,
    private readonly R: number,
    private readonly gaussian: (
      precision: Float64Array,
      vector: Float64Array,
    ) => { readonly mean: Float64Array; readonly covariance?: Float64Array },
  ) {
    const K = entries.axes.length;
    const S = packedSize(R);
    this.S = S;
    this.core = new Float64Array(R ** K);
    this.products = new Float64Array(S ** K);
    this.precision = new Float64Array(S ** K);
    this.vector = new Float64Array(R ** K);
    this.permutedMeans = new Float64Array(R ** K);
    this.permutedPairs = new Float64Array(S ** K);
    this.grouped = { means: new Float64Array(R ** (K - 1)), pairs: new Float64Array(S ** (K - 1)) };
    this.scratch = { means: powers(R, K), pairs: powers(S, K) };
    this.pairOf = pairPlaces(R, K);
    const all = Array.from({ length: K }, (_, k) => k);
    const size = (k: number) => entries.axes[k].places.length;
    const plan = (rest: readonly number[], updated: readonly number[]): Plan => {
      const through = rest.reduce<number | undefined>(
        (a, b) => (a === undefined || size(b) < size(a) ? b : a),
        undefined,
      );
      const others = rest.filter((j) => j !== through);
      const order = [...(through === undefined ? [] : [through]), ...updated, ...others];
      const groups = through === undefined ? undefined : groupsOf(entries, through);
      return { groups, others, means: reordered(R, order), pairs: reordered(S, order) };
    };
    this.plans = all.map((k) =>
      plan(
        all.filter((j) => j !== k),
        [k],
      ),
    );
    this.all = plan(all, []);
  }

  /** Sets the core, with its covariance by rows if that is propagated. O(R^2K). */
  take(core: Float64Array, covariance?: Float64Array): void {
    const { products, pairOf, core: own } = this;
    own.set(core);
    products.fill(0);
    for (let p = 0, at = 0; p < own.length; p++) {
      for (let q = 0; q < own.length; q++, at++) {
        products[pairOf[at]] += own[p] * own[q] + (covariance ? covariance[at] : 0);
      }
    }
  }

  sums(k: number, moments: readonly Moments[], precision: Float64Array, vector: Float64Array): void {
    const { entries, R, S, plans, core, products, permutedMeans, permutedPairs, grouped, scratch } = this;
    const { axes, values, weights } = entries;
    const { groups, others, means, pairs } = plans[k];
    for (let p = 0; p < means.length; p++) permutedMeans[p] = core[means[p]];
    for (let p = 0; p < pairs.length; p++) permutedPairs[p] = products[pairs[p]];
    precision.fill(0);
    vector.fill(0);
    const { of } = axes[k];
    const first = { lists: others.map((j) => moments[j].mean), at: new Int32Array(others.length) };
    const second = { lists: others.map((j) => moments[j].second), at: new Int32Array(others.length) };
    const places = others.map((j) => axes[j].of);
    const count = groups ? groups.pointers.length - 1 : 1;
    for (let g = 0; g < count; g++) {
      const to = groups ? groups.pointers[g + 1] : values.length;
      if (groups) {
        contractFirst(permutedMeans, moments[groups.axis].mean, g * R, R, grouped.means);
        contractFirst(permutedPairs, moments[groups.axis].second, g * S, S, grouped.pairs);
      }
      const meanTensor = groups ? grouped.means : permutedMeans;
      const pairTensor = groups ? grouped.pairs : permutedPairs;
      for (let e = groups ? groups.pointers[g] : 0; e < to; e++) {
        const n = groups ? groups.entries[e] : e;
        for (let j = 0; j < places.length; j++) {
          const i = places[j][n];
          first.at[j] = i * R;
          second.at[j] = i * S;
        }
        const w = weights ? weights[n] : 1;
        contract(meanTensor, R, first, scratch.means, vector, of[n] * R, w * values[n]);
        contract(pairTensor, S, second, scratch.pairs, precision, of[n] * S, w);
      }
    }
    // Each pair of different indices was counted in both orders.
    for (let at = 0; at < precision.length; at += S) {
      for (let r = 1; r < R; r++) for (let s = 0; s < r; s++) precision[at + packedSize(r) + s] /= 2;
    }
  }

  settle(moments: readonly Moments[], tau: number, damping: number): number {
    const { values, weights } = this.entries;
    const { vector, precision, products, core, pairOf } = this;
    this.gather(moments);
    const { permutedMeans: ownVector, permutedPairs: ownPrecision } = this;
    const { means, pairs } = this.all;
    for (let p = 0; p < means.length; p++) {
      vector[means[p]] = damping * vector[means[p]] + (1 - damping) * tau * ownVector[p];
    }
    for (let p = 0; p < pairs.length; p++) {
      precision[pairs[p]] = damping * precision[pairs[p]] + (1 - damping) * tau * ownPrecision[p];
    }
    const { mean, covariance } = this.gaussian(unpacked(precision, pairOf), vector);
    this.take(mean, covariance);
    let sum = 0;
    for (let n = 0; n < values.length; n++) sum += (weights ? weights[n] : 1) * values[n] * values[n];
    for (let p = 0; p < means.length; p++) sum -= 2 * core[means[p]] * ownVector[p];
    for (let p = 0; p < pairs.length; p++) sum += products[pairs[p]] * ownPrecision[p];
    return Math.max(0, sum);
  }

  /** Σ w (⊗ E[uuᵀ]) and Σ w y (⊗ E[u]) over all entries, in the order of `all`. */
  private gather(moments: readonly Moments[]): void {
    const { entries, R, S, all, permutedMeans, permutedPairs, grouped, scratch } = this;
    const { axes, values, weights } = entries;
    const { groups, others } = all;
    permutedMeans.fill(0);
    permutedPairs.fill(0);
    const first = { lists: others.map((j) => moments[j].mean), at: new Int32Array(others.length) };
    const second = { lists: others.map((j) => moments[j].second), at: new Int32Array(others.length) };
    const places = others.map((j) => axes[j].of);
    const { axis, pointers, entries: order } = groups!;
    const { mean, second: own } = moments[axis];
    for (let g = 0; g + 1 < pointers.length; g++) {
      grouped.means.fill(0);
      grouped.pairs.fill(0);
      for (let e = pointers[g]; e < pointers[g + 1]; e++) {
        const n = order[e];
        for (let j = 0; j < places.length; j++) {
          const i = places[j][n];
          first.at[j] = i * R;
          second.at[j] = i * S;
        }
        const w = weights ? weights[n] : 1;
        addProduct(R, first, scratch.means, grouped.means, w * values[n]);
        addProduct(S, second, scratch.pairs, grouped.pairs, w);
      }
      addOuter(mean, g * R, R, grouped.means, permutedMeans);
      addOuter(own, g * S, S, grouped.pairs, permutedPairs);
    }
  }
}

/** out [first][rest] += v ⊗ rest. */
function addOuter(v: Float64Array, begin: number, side: number, rest: Float64Array, out: Float64Array): void {
  const size = rest.length;
  for (let j = 0, q = 0; j < side; j++) {
    const f = v[begin + j];
    for (let p = 0; p < size; p++, q++) out[q] += f * rest[p];
  }
}

/** The full matrix by rows from packed pairs. */
export function unpacked(packed: Float64Array, pairOf: Int32Array): Float64Array {
  const out = new Float64Array(pairOf.length);
  for (let at = 0; at < out.length; at++) out[at] = packed[pairOf[at]];
  return out;
}
