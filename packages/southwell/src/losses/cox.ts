import { fail, inOnePlace, needsOnePlace } from '@southwell/numerics/core';
import type { BoundLoss, Loss } from './loss.ts';

/** Right-censored survival times: event 1 means observed, 0 censored. */
export interface SurvivalTarget {
  readonly time: Float64Array;
  readonly event: ArrayLike<number>;
  /** The baseline hazard is common to the rows of a stratum and differs between strata. Default: one stratum. */
  readonly strata?: ArrayLike<number | string>;
}

/** Treatment of tied event times in Cox's partial likelihood. */
export type CoxTies = 'breslow' | 'efron';

/**
 * The negative log of Cox's partial likelihood, weighted; ties by Breslow (1974) or Efron (1977). O(n log n) to bind,
 * O(n) per evaluation. The risk set of an event at time t consists of all rows of its stratum with time ≥ t.
 */
export function cox(ties: CoxTies = 'breslow'): Loss<SurvivalTarget> {
  return {
    name: 'cox',
    mean: Math.exp, // the hazard relative to the baseline
    bind(target, w, rows = inOnePlace(w.length)) {
      needsOnePlace(rows, 'A Cox model needs');
      return bindCox(target, w, ties);
    },
  };
}

/**
 * The strata of a target, sorted (numbers before strings), and the index of the stratum of every row.
 * @throws if a row has none.
 */
export function strataOf({ time, strata }: SurvivalTarget): {
  readonly labels: ReadonlyArray<number | string>;
  readonly of: Int32Array;
} {
  const n = time.length;
  if (!strata) return { labels: [], of: new Int32Array(n) };
  if (strata.length !== n) fail('INVALID_SHAPE', `There are ${n} times but ${strata.length} strata.`);
  for (let i = 0; i < n; i++) {
    const label = strata[i];
    if (typeof label === 'string' || (typeof label === 'number' && Number.isFinite(label))) continue;
    fail('INVALID_TARGET', `A stratum must be a finite number or a string; row ${i + 1} has ${String(label)}.`);
  }
  const rank = (label: number | string) => (typeof label === 'number' ? 0 : 1);
  const labels = [...new Set(Array.from(strata))].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const places = new Map(labels.map((label, k) => [label, k]));
  return { labels, of: Int32Array.from({ length: n }, (_, i) => places.get(strata[i])!) };
}

/** @throws INVALID_SHAPE and INVALID_TARGET, also if no row with weight has an event. */
function checkTarget({ time, event }: SurvivalTarget, w: Float64Array): void {
  const n = time.length;
  if (event.length !== n) fail('INVALID_SHAPE', `There are ${n} times but ${event.length} event flags.`);
  let events = 0;
  for (let i = 0; i < n; i++) {
    if (!(time[i] >= 0 && time[i] < Number.POSITIVE_INFINITY)) {
      fail('INVALID_TARGET', `A survival time must be finite and at least 0; row ${i + 1} has ${time[i]}.`);
    }
    if (event[i] !== 0 && event[i] !== 1) {
      fail('INVALID_TARGET', `An event flag must be 1 (observed) or 0 (censored); row ${i + 1} has ${event[i]}.`);
    }
    if (event[i] === 1 && w[i] > 0) events++;
  }
  if (events === 0) fail('INVALID_TARGET', 'Cox regression needs at least one observed event; all rows are censored.');
}

/** Rows in an order in which risk sets are prefixes. */
interface RiskOrder {
  /** The labels of the strata, and the index of the stratum of each row. */
  readonly labels: ReadonlyArray<number | string>;
  readonly stratum: Int32Array;
  /** Row indices, stratum by stratum, in descending time: a risk set is a prefix of its stratum. */
  readonly order: Int32Array;
  /** The end of each group in `order`; a group is a run of equal times within a stratum. */
  readonly groupEnd: readonly number[];
  /** The end of each stratum, as an index of groups. */
  readonly stratumEnd: readonly number[];
}

function riskOrder(target: SurvivalTarget): RiskOrder {
  const { time } = target;
  const n = time.length;
  const { labels, of: stratum } = strataOf(target);
  const order = Int32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => stratum[a] - stratum[b] || time[b] - time[a] || a - b,
  );
  const groupEnd: number[] = [];
  const stratumEnd: number[] = [];
  for (let k = 1; k <= n; k++) {
    const ends = k === n || stratum[order[k]] !== stratum[order[k - 1]];
    if (ends || time[order[k]] !== time[order[k - 1]]) groupEnd.push(k);
    if (ends) stratumEnd.push(groupEnd.length);
  }
  return { labels, stratum, order, groupEnd, stratumEnd };
}

function bindCox(target: SurvivalTarget, w: Float64Array, ties: CoxTies): BoundLoss {
  // Long because the closures of a bound loss share their work arrays.
  checkTarget(target, w);
  const { time, event } = target;
  const n = time.length;
  const { labels, stratum, order, groupEnd, stratumEnd } = riskOrder(target);
  const groups = groupEnd.length;
  const groupDeaths = new Int32Array(groups);
  const groupWeight = new Float64Array(groups);
  let constant = 0; // −inf f before the shift: all mass of every term on its own deaths
  for (let g = 0, k = 0; g < groups; g++) {
    for (; k < groupEnd[g]; k++) {
      const i = order[k];
      if (event[i] === 1 && w[i] > 0) {
        groupDeaths[g]++;
        groupWeight[g] += w[i];
      }
    }
    const d = groupDeaths[g];
    for (let l = 0; l < d; l++) {
      const share = ties === 'efron' ? l / d : 0;
      constant -= (groupWeight[g] / d) * Math.log(groupWeight[g] * (1 - share));
    }
  }

  const risk = new Float64Array(groups);
  const dying = new Float64Array(groups);
  const weights = new Float64Array(n);
  const tops = new Float64Array(stratumEnd.length);

  /**
   * Computes risk sums S_g and death sums E_g of w·e^η, scaled by e^−max of the stratum, and these maxima; returns f.
   */
  const sums = (eta: Float64Array): number => {
    tops.fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < n; i++) if (w[i] > 0 && eta[i] > tops[stratum[i]]) tops[stratum[i]] = eta[i];
    // So that inf f = 0. The sum is compensated for rounding (Neumaier 1974): near the optimum, line searches depend on
    // small changes of f.
    let value = constant;
    let lost = 0;
    const add = (term: number): void => {
      const next = value + term;
      lost += Math.abs(value) >= Math.abs(term) ? value - next + term : term - next + value;
      value = next;
    };
    let s = 0;
    for (let g = 0, k = 0, r = 0; g < groups; g++) {
      if (g === stratumEnd[r]) {
        r++;
        s = 0;
      }
      const top = tops[r];
      let e = 0;
      for (; k < groupEnd[g]; k++) {
        const i = order[k];
        const t = w[i] > 0 ? w[i] * Math.exp(eta[i] - top) : 0;
        weights[i] = t;
        s += t;
        if (event[i] === 1 && w[i] > 0) {
          e += t;
          add(-w[i] * eta[i]);
        }
      }
      risk[g] = s;
      dying[g] = e;
      const d = groupDeaths[g];
      for (let l = 0; l < d; l++) {
        const share = ties === 'efron' ? l / d : 0;
        add((groupWeight[g] / d) * (Math.log(s - share * e) + top));
      }
    }
    // If a risk set overflows, f is −∞.
    return Number.isFinite(value) ? value + lost : value;
  };

  /**
   * The terms that an event of group g adds to the cumulative hazard of its stratum, scaled by e^max; each is passed to
   * `use`.
   */
  const terms = (g: number, use: (term: number, share: number) => void): void => {
    const count = groupDeaths[g];
    for (let l = 0; l < count; l++) {
      const share = ties === 'efron' ? l / count : 0;
      use(groupWeight[g] / count / (risk[g] - share * dying[g]), share);
    }
  };

  return {
    n,
    quadratic: false,
    interceptMakesSense: false,
    value: sums,
    derivatives(eta, v, d) {
      const value = sums(eta);
      // A row is at risk in its own group and in every group of an earlier time, which is a suffix sum over groups.
      let all = 0;
      for (let g = groups - 1, r = stratumEnd.length - 1; g >= 0; g--) {
        if (r > 0 && g < stratumEnd[r - 1]) {
          r--;
          all = 0;
        }
        let own = 0; // what its own deaths carry less, for Efron
        terms(g, (term, share) => {
          all += term;
          own += share * term;
        });
        for (let k = g > 0 ? groupEnd[g - 1] : 0; k < groupEnd[g]; k++) {
          const i = order[k];
          const death = event[i] === 1 && w[i] > 0;
          const p = weights[i] * (all - (death ? own : 0));
          v[i] = (death ? w[i] : 0) - p;
          d[i] = p; // diag(p) ⪰ ∇²f, since ∇²f = diag(p) − Σ p pᵀ
        }
      }
      return value;
    },
    couplings() {
      const share: number[] = [];
      const size: number[] = [];
      const ends: number[] = []; // of the vectors of a group
      for (let g = 0; g < groups; g++) {
        terms(g, (term, at) => {
          const left = risk[g] - at * dying[g];
          // Breslow's terms for ties are merged into one vector.
          if (size.length > (ends[g - 1] ?? 0) && share.at(-1) === at) size[size.length - 1] += term / left;
          else {
            share.push(at);
            size.push(term / left);
          }
        });
        ends.push(size.length);
      }
      const of = weights.slice();
      const roots = size.map(Math.sqrt);
      return {
        count: size.length,
        project(x, out) {
          let s = 0;
          for (let g = 0, k = 0, r = 0, t = 0; g < groups; g++) {
            if (g === stratumEnd[r]) {
              r++;
              s = 0;
            }
            let e = 0;
            for (; k < groupEnd[g]; k++) {
              const i = order[k];
              const part = of[i] * x[i];
              s += part;
              if (event[i] === 1) e += part;
            }
            for (; t < ends[g]; t++) out[t] = roots[t] * (s - share[t] * e);
          }
        },
      };
    },
    baseline(eta) {
      sums(eta);
      return stratumEnd.map((end, r) => {
        const times: number[] = [];
        const logCumulative: number[] = [];
        let cumulative = 0;
        let lastTime = 0;
        for (let g = end - 1; g >= (r > 0 ? stratumEnd[r - 1] : 0); g--) {
          const [first, last] = [g > 0 ? groupEnd[g - 1] : 0, groupEnd[g]];
          if (order.subarray(first, last).some((i) => w[i] > 0)) lastTime = time[order[first]];
          if (groupDeaths[g] === 0) continue;
          terms(g, (term) => {
            cumulative += term;
          });
          times.push(time[order[first]]);
          logCumulative.push(Math.log(cumulative) - tops[r]);
        }
        return {
          ...(labels.length > 0 && { stratum: labels[r] }),
          times: Float64Array.from(times),
          logCumulative: Float64Array.from(logCumulative),
          lastTime,
        };
      });
    },
    conjugate(v, s, eta) {
      // f*(−v) = −⟨v, η⟩ − f(η) at v = −∇f(η), and f*(0) = −inf f ≤ 0; f* is convex, so the chord bounds f*(−s·v) from
      // above, exactly at s = 1.
      let inner = 0;
      for (let i = 0; i < n; i++) inner += v[i] * eta[i];
      return s * (-inner - sums(eta));
    },
  };
}
