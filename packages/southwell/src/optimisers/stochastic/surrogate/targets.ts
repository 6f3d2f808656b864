/** A model whose outputs, the targets, are what a loss sees: what is cheap. */
export interface TargetModel {
  /** Numbers that the model gives for an example. */
  readonly outputs: number;
  /** z ← what the parameters give for the examples of a batch, one after the other: |batch|·outputs numbers. */
  forward(parameters: Float64Array, batch: Int32Array, z: Float64Array): void;
  /** gradient ← Jᵀv, of the outputs for a batch at the parameters: the derivative of Σ v·z. */
  pull(parameters: Float64Array, batch: Int32Array, v: Float64Array, gradient: Float64Array): void;
  /** Where outputs are linear in the parameters: change ← the shortest of those with J·change nearest to v. */
  solve?(batch: Int32Array, v: Float64Array, change: Float64Array): void;
}

/** A loss of the outputs: what costs, for a simulator or an expert may have to be asked. */
export interface TargetLoss {
  /**
   * The mean of the losses of a batch at its outputs z; into `gradient`, where it is given, the derivative of each example's own loss by its
   * outputs, which is not divided by the size of the batch.
   */
  evaluate(z: Float64Array, batch: Int32Array, gradient?: Float64Array): number;
  /** The largest curvature of an example's loss by its outputs. */
  readonly smoothness?: number;
}

/** Distances of outputs from those at which the loss was asked. */
export type Divergence =
  /** ½‖z − z₀‖². */
  | 'euclidean'
  /** Σ z·log(z/z₀) − z + z₀, of outputs above 0. */
  | 'kl'
  /** ½Σ w·(z − z₀)² with weights, above 0, that are written at the outputs z₀ of a batch. */
  | ((z: Float64Array, batch: Int32Array, weights: Float64Array) => void);
