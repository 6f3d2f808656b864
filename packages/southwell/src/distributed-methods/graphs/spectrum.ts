import { fail } from '@southwell/numerics/core';
import { symmetricEigen } from '@southwell/numerics/linalg';
import { components, type Graph } from './graph.ts';

/** What decides how fast gossip on a graph mixes. */
export interface GraphSpectrum {
  /** The smallest positive eigenvalue of the Laplacian; infinite for one node. */
  readonly lambda2: number;
  /** The largest eigenvalue of the Laplacian. */
  readonly lambdaMax: number;
  /** 1 / λ₂. */
  readonly chi1: number;
  /** Half of the largest effective resistance of a link with a positive rate; at most χ₁. */
  readonly chi2: number;
  /** √(2χ₁χ₂): the factor by which all rates are multiplied for χ₁χ₂ = ½, the condition of DADAO. */
  readonly scale: number;
  /** The effective resistance between the two nodes of each link, in the order of the links. */
  readonly resistances: Float64Array;
}

/**
 * Spectrum of the Laplacian Λ = Σ rate · (eᵢ − eⱼ)(eᵢ − eⱼ)ᵀ of a connected graph. Source: Nabli and Oyallon, DADAO (ICML 2023).
 * O(n³ + links · n).
 *
 * @param rates activations of each link per unit of time, in the order of the links; by default 1 / links each. A link of rate zero is
 * not used: the graph has to be connected without it.
 * @throws SouthwellError for rates that are not one nonnegative finite number a link, and for a graph that is not connected.
 */
export function graphSpectrum(graph: Graph, rates?: ArrayLike<number>): GraphSpectrum {
  const { n, from, to } = graph;
  const links = from.length;
  const p = rates ?? new Float64Array(links).fill(1 / links);
  if (p.length !== links) fail('INVALID_PARAMETER', `The graph has ${links} links, and ${p.length} rates were given.`);
  for (let k = 0; k < links; k++) {
    if (!(p[k] >= 0 && p[k] < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `The rate of link ${k} is ${p[k]}: rates are finite and not negative.`);
    }
  }
  const apart = components(graph, p).findIndex((component) => component !== 0);
  if (apart >= 0) {
    fail(
      'INVALID_PARAMETER',
      `The graph is not connected: no links of positive rate lead from node 0 to node ${apart}. Add links between the components, or use one of them.`,
    );
  }
  const { values, vectors, zero } = laplacianEigen(graph, p);
  const resistances = new Float64Array(links);
  let lambda2 = Number.POSITIVE_INFINITY;
  let lambdaMax = 0;
  for (let v = 0; v < n; v++) {
    if (v === zero) continue;
    lambda2 = Math.min(lambda2, values[v]);
    lambdaMax = Math.max(lambdaMax, values[v]);
    for (let k = 0; k < from.length; k++)
      resistances[k] += (vectors[from[k] * n + v] - vectors[to[k] * n + v]) ** 2 / values[v];
  }
  let chi2 = 0;
  for (let k = 0; k < from.length; k++) if (p[k] > 0) chi2 = Math.max(chi2, resistances[k] / 2);
  const chi1 = 1 / lambda2;
  return { lambda2, lambdaMax, chi1, chi2, scale: Math.sqrt(2 * chi1 * chi2), resistances };
}

/**
 * The eigenvalues and eigenvectors (column v of the row-major n × n `vectors`) of the Laplacian of a connected graph, and the index
 * `zero` of those of the constant vector. O(n³).
 */
export function laplacianEigen({ n, from, to }: Graph, p: ArrayLike<number>) {
  const laplacian = new Float64Array(n * n);
  for (let k = 0; k < from.length; k++) {
    const [i, j] = [from[k], to[k]];
    laplacian[i * n + i] += p[k];
    laplacian[j * n + j] += p[k];
    laplacian[i * n + j] -= p[k];
    laplacian[j * n + i] -= p[k];
  }
  const { values, vectors } = symmetricEigen(laplacian, n);
  // The smallest eigenvalue is that of the constant vector: zero up to rounding, as the graph is connected.
  const zero = values.indexOf(Math.min(...values));
  return { values, vectors, zero };
}
