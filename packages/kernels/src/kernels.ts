/**
 * The operations that exist both as WebAssembly SIMD and as plain TypeScript. Pointers are byte offsets into the
 * memory of one {@link Arena}; matrices are column-major with a leading dimension in elements; f64 unless named s….
 */
export interface Kernels {
  /** Σ x[i]·y[i]. */
  dot(n: number, x: number, y: number): number;
  /** y ← y + a·x. */
  axpy(n: number, a: number, x: number, y: number): void;

  // Coordinate descent (assembly/descent.ts). `penalty` points to five arrays of `stride` doubles: a1, a2, gamma, lower,
  // upper; `kind` is a PenaltyKind. Each returns the largest ½·curvature·δ² of its last epoch and stops once that ≤ tol.
  /** argmin over b of (b − z)²/(2t) + g(b). */
  proximal(
    kind: number,
    z: number,
    t: number,
    a1: number,
    a2: number,
    gamma: number,
    lower: number,
    upper: number,
  ): number;
  /** Epochs on ½bᵀGb − cᵀb + Σ g_j(b_j), with q = c − Gb kept up to date. */
  gramDescent(
    m: number,
    G: number,
    ldg: number,
    q: number,
    b: number,
    kind: number,
    penalty: number,
    stride: number,
    epochs: number,
    tol: number,
  ): number;
  /** Lower triangle of G[index, index], with ridge[index] added to the diagonal where `ridge` is not 0. */
  gatherSymmetric(k: number, index: number, G: number, ldg: number, ridge: number, L: number, ldl: number): void;
  /** y ← y + Σ_a s·d[a]·A[:, index[a]]; A has m rows. */
  addColumns(m: number, k: number, index: number, A: number, lda: number, s: number, d: number, y: number): void;
  /** P[:, a] ← √d ∘ (X[:, columns[a]] − mean)·scale[columns[a]], mean weighted by d if `centre`, else 0. */
  packColumns(
    n: number,
    k: number,
    columns: number,
    X: number,
    ldx: number,
    scale: number,
    d: number,
    root: number,
    sumD: number,
    centre: number,
    means: number,
    P: number,
    ldp: number,
  ): void;
  /** Epochs on ½‖r‖² + Σ g_j(b_j) over packed columns, with r kept up to date. */
  denseDescent(
    n: number,
    m: number,
    P: number,
    ldp: number,
    curvatures: number,
    r: number,
    b: number,
    kind: number,
    penalty: number,
    stride: number,
    epochs: number,
    tol: number,
  ): number;
  /** Epochs over listed sparse columns under weights d with the intercept eliminated; `rd` is d∘r, state[0] its shift. */
  cscDescent(
    m: number,
    columns: number,
    colPointers: number,
    rowIndices: number,
    values: number,
    scale: number,
    d: number,
    rd: number,
    curvatures: number,
    sums: number,
    sumD: number,
    centre: number,
    state: number,
    b: number,
    kind: number,
    penalty: number,
    stride: number,
    epochs: number,
    tol: number,
  ): number;
}

/** The views through which a plain TypeScript twin reads an arena; refreshed by the arena when its memory grows. */
export interface Heap {
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  readonly i32: Int32Array;
}
