import { checkOptions, fail, integerOption, type OptionsOf, Random, seedOption } from '@southwell/numerics/core';
import { LanczosProcess } from '@southwell/numerics/krylov';
import { elementary } from '@southwell/numerics/special';
import { checkedProduct, meanOf, type SymmetricProduct } from './product.ts';

const densityRecords = {
  /** Number of random probe vectors. Default 8. */
  probes: integerOption({ min: 1 }),
  /** Number of Lanczos steps per probe. Default 60. */
  steps: integerOption({ min: 1 }),
  /** Default 0. */
  seed: seedOption(),
};

export interface DensityOptions extends OptionsOf<typeof densityRecords> {}

/** Spectral density of an operator as quadrature nodes with weights that sum to 1. */
export class SpectralDensity {
  /** @internal The quadrature of each probe. */
  constructor(
    private readonly parts: ReadonlyArray<{ readonly nodes: Float64Array; readonly weights: Float64Array }>,
    readonly size: number,
    readonly products: number,
  ) {}

  /** All nodes, ascending, and their weights. */
  get measure(): { readonly nodes: Float64Array; readonly weights: Float64Array } {
    const all = this.parts.flatMap(({ nodes, weights }) =>
      Array.from(nodes, (node, k) => [node, weights[k] / this.parts.length] as const),
    );
    all.sort((a, b) => a[0] - b[0]);
    return { nodes: Float64Array.from(all, ([node]) => node), weights: Float64Array.from(all, ([, weight]) => weight) };
  }

  /** The mean of f over the eigenvalues, tr f(A)/size, and its standard error over the probes. */
  mean(f: (eigenvalue: number) => number): { readonly mean: number; readonly error: number } {
    return meanOf(
      this.parts.map(({ nodes, weights }) => {
        let sum = 0;
        for (let k = 0; k < nodes.length; k++) sum += weights[k] * f(nodes[k]);
        return sum;
      }),
    );
  }

  /** Cumulative spectral density: fraction of eigenvalues ≤ t. */
  below(t: number): { readonly mean: number; readonly error: number } {
    return this.mean((node) => (node <= t ? 1 : 0));
  }

  /**
   * Density at points t, with nodes smoothed by a Gaussian of standard deviation `width`. O(points · nodes).
   * @throws INVALID_PARAMETER for an invalid width.
   */
  at(places: ArrayLike<number>, width: number): Float64Array {
    if (!(width > 0)) fail('INVALID_PARAMETER', `width must be above 0, but is ${width}.`);
    const { nodes, weights } = this.measure;
    return Float64Array.from({ length: places.length }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < nodes.length; k++) {
        const u = (places[i] - nodes[k]) / width;
        sum += weights[k] * elementary.exp(-0.5 * u * u);
      }
      return sum / (width * Math.sqrt(2 * Math.PI));
    });
  }
}

/**
 * The spectral density of a symmetric operator by stochastic Lanczos quadrature: quadratures from random vectors, whose
 * mean is exact in expectation for all polynomials of degree below 2·steps (Ubaru, Chen & Saad 2017; Ghorbani, Krishnan
 * & Xiao 2019). O(probes · steps · (product + steps · size)).
 *
 * @throws NON_FINITE if a product is not finite; INVALID_PARAMETER.
 */
export function spectralDensity(
  product: SymmetricProduct,
  size: number,
  options: DensityOptions = {},
): SpectralDensity {
  checkOptions('spectralDensity', densityRecords, options);
  const { probes = 8, steps = 60, seed = 0 } = options;
  const checked = checkedProduct(product, size);
  const random = new Random(seed);
  const parts = Array.from({ length: probes }, () => {
    const process = new LanczosProcess(
      checked.product,
      Float64Array.from({ length: size }, () => random.normal()),
    );
    for (let k = 0; k < Math.min(steps, size); k++) {
      const b = process.step();
      const scale = Math.max(...process.alpha.map(Math.abs), ...process.beta.slice(0, -1));
      if (b <= 16 * size * Number.EPSILON * scale) break;
    }
    const { values, vectors } = process.ritz();
    return { nodes: values, weights: Float64Array.from(values, (_, j) => vectors[j] ** 2) };
  });
  return new SpectralDensity(parts, size, checked.count);
}
