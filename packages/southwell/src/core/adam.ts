/** Adam (Kingma & Ba, ICLR 2015): moments of the gradient, and the step they give. */
export class Adam {
  private readonly m: Float64Array;
  private readonly v: Float64Array;
  private power1 = 1;
  private power2 = 1;
  /** The last direction: a step is x − rate · direction. */
  readonly direction: Float64Array;

  constructor(
    size: number,
    private readonly beta1 = 0.9,
    private readonly beta2 = 0.999,
    private readonly epsilon = 1e-8,
  ) {
    this.m = new Float64Array(size);
    this.v = new Float64Array(size);
    this.direction = new Float64Array(size);
  }

  /** Forgets the past. */
  reset(): void {
    this.m.fill(0);
    this.v.fill(0);
    this.power1 = 1;
    this.power2 = 1;
  }

  /** Takes a gradient in; {@link direction} is then the next one. O(size). */
  take(gradient: Float64Array): void {
    const { m, v, direction, beta1, beta2, epsilon } = this;
    this.power1 *= beta1;
    this.power2 *= beta2;
    const c1 = 1 / (1 - this.power1);
    const c2 = 1 / (1 - this.power2);
    for (let k = 0; k < m.length; k++) {
      const g = gradient[k];
      m[k] = beta1 * m[k] + (1 - beta1) * g;
      v[k] = beta2 * v[k] + (1 - beta2) * g * g;
      direction[k] = (c1 * m[k]) / (Math.sqrt(c2 * v[k]) + epsilon);
    }
  }
}
