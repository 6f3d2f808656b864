/** A model whose outputs, the targets, are the input of a loss: the inexpensive part. */
export interface TargetModel {
  /** Number of outputs per example. */
  readonly outputs: number;
  /** z ← the outputs for the examples of a batch, one after the other: |batch|·outputs numbers. */
  forward(parameters: Float64Array, batch: Int32Array, z: Float64Array): void;
  /** gradient ← Jᵀv, J the Jacobian of the outputs for a batch at the parameters: the derivative of Σ v·z. */
  pull(parameters: Float64Array, batch: Int32Array, v: Float64Array, gradient: Float64Array): void;
  /** Only for outputs that are linear in the parameters: change ← the minimum-norm minimiser of ‖J·change − v‖. */
  solve?(batch: Int32Array, v: Float64Array, change: Float64Array): void;
}

/** A loss of the outputs: the expensive part, which may need a simulator or an expert. */
export interface TargetLoss {
  /**
   * The mean of the losses of a batch at its outputs z. If given, `gradient` receives the derivative of each example's
   * own loss in its outputs, not divided by the batch size.
   */
  evaluate(z: Float64Array, batch: Int32Array, gradient?: Float64Array): number;
  /** The maximum curvature of an example's loss in its outputs. */
  readonly smoothness?: number;
}

/** Divergences between outputs and those at which the loss was evaluated. */
export type Divergence =
  /** ½‖z − z₀‖². */
  | 'euclidean'
  /** Σ z·log(z/z₀) − z + z₀, for positive outputs. */
  | 'kl'
  /** ½Σ w·(z − z₀)² with positive weights, which the function writes for the outputs z₀ of a batch. */
  | ((z: Float64Array, batch: Int32Array, weights: Float64Array) => void);
