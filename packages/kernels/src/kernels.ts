/**
 * The operations that exist both as WebAssembly SIMD and as plain TypeScript. Pointers are byte offsets into the
 * memory of one {@link Arena}; matrices are column-major with a leading dimension in elements; f64 unless named s….
 * Nothing is checked: shapes and pointers are the caller's word.
 */
export interface Kernels {
  /** Σ x[i]·y[i]. */
  dot(n: number, x: number, y: number): number;
  /** y ← y + a·x. */
  axpy(n: number, a: number, x: number, y: number): void;

  // Coordinate descent (assembly/descent.ts). `penalty` points to five arrays of `stride` doubles: a1, a2, gamma, lower,
  // upper; `kind` is the code of a PenaltyKernel. Each returns the largest ½·curvature·δ² of its last epoch and stops once that ≤ tol.
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
  /**
   * Epochs on ½bᵀGb − cᵀb + Σ_g (l1_g‖b_g‖₁ + l2_g‖b_g‖₂), with q = c − Gb kept up to date; group g holds the coordinates
   * starts[g] … starts[g+1]−1, bound[g] ≥ λ_max(G_gg), identity holds 0 … m−1, work has room for thrice the largest group.
   */
  gramGroupDescent(
    groups: number,
    starts: number,
    m: number,
    G: number,
    ldg: number,
    q: number,
    b: number,
    l1: number,
    l2: number,
    bound: number,
    identity: number,
    work: number,
    epochs: number,
    tol: number,
  ): number;
  /**
   * One epoch of group descent on listed columns of a dense matrix: K = 1 and groups of columns, or one column a group
   * with K channels. Curvatures `d`, one vector for all channels, or K vectors w·π_k where `coupled`; means, blocks, bound
   * and work as assembly/groupDescent.ts says.
   */
  denseGroupDescent(
    n: number,
    groups: number,
    starts: number,
    columns: number,
    X: number,
    ldx: number,
    scale: number,
    K: number,
    d: number,
    coupled: number,
    rd: number,
    means: number,
    blocks: number,
    b: number,
    l1: number,
    l2: number,
    ridge: number,
    bound: number,
    work: number,
  ): void;
  /** As denseGroupDescent on columns of a CSC matrix; minus the gradient is rd_k + state[k]·d. */
  cscGroupDescent(
    n: number,
    groups: number,
    starts: number,
    columns: number,
    colPointers: number,
    rowIndices: number,
    values: number,
    scale: number,
    K: number,
    d: number,
    coupled: number,
    rd: number,
    means: number,
    sumD: number,
    state: number,
    blocks: number,
    b: number,
    l1: number,
    l2: number,
    ridge: number,
    bound: number,
    work: number,
  ): void;
  /** Lower triangle of G[index, index], with ridge[index] added to the diagonal where `ridge` is not 0. */
  gatherSymmetric(k: number, index: number, G: number, ldg: number, ridge: number, L: number, ldl: number): void;
  /** G[0 … k, 0 … k] ← G[slots, slots] in place; `slots` points to k ascending i32. O(k²). */
  compactSymmetric(k: number, slots: number, G: number, ldg: number): void;
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
  /** Epochs on ½Σ d_i (r_i + shift)² + Σ g_j(b_j) over listed columns; `rd` is d∘r; state[0] is the intercept's shift. */
  denseDescent(
    n: number,
    m: number,
    columns: number,
    X: number,
    ldx: number,
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
  /** As denseDescent over listed columns of a CSC matrix. */
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
  /** Columns from … m−1 (both triangles) of the d-weighted Gram matrix of listed sparse columns, given also by rows. */
  cscGram(
    m: number,
    from: number,
    columns: number,
    colPointers: number,
    rowIndices: number,
    values: number,
    rowPointers: number,
    slots: number,
    rowValues: number,
    d: number,
    G: number,
    ldg: number,
  ): void;
  /** Listed columns of a CSC matrix by rows: rowPointers (n + 1), slots ascending in each row, values. */
  cscRows(
    n: number,
    m: number,
    columns: number,
    colPointers: number,
    rowIndices: number,
    values: number,
    rowPointers: number,
    slots: number,
    rowValues: number,
  ): void;

  // Matrix-vector products (assembly/level2.ts, assembly/sparse.ts).
  /** y ← αAx + βy, A m×n. Columns with x[j] = 0 are not read; β = 0 overwrites y whatever it held. O(mn). */
  gemv(m: number, n: number, alpha: number, A: number, lda: number, x: number, beta: number, y: number): void;
  /** y ← Aᵀx, A m×n. Each column is added up in one fixed order, alone or among others. O(mn). */
  gemvT(m: number, n: number, A: number, lda: number, x: number, y: number): void;
  /** As gemv, in single precision throughout. */
  sgemv: Kernels['gemv'];
  /** As gemvT, in single precision throughout. */
  sgemvT: Kernels['gemvT'];
  /** y[t] ← A[:, columns[t]]ᵀx for t < k, equal to gemvT's bit for bit; `columns` points to i32. O(mk). */
  gemvTSubset(m: number, k: number, columns: number, A: number, lda: number, x: number, y: number): void;
  /** dots[j] ← A[:,j]ᵀr, equal to gemvT's bit for bit, and squares[j] ← ‖A[:,j]‖², in one pass. O(mn). */
  columnStats(m: number, n: number, A: number, lda: number, r: number, dots: number, squares: number): void;
  /** sums[t] ← Σ d_i x_i and squares[t] ← Σ d_i x_i² for the k listed columns x of A, in one pass. O(mk). */
  weightedStats(
    m: number,
    k: number,
    columns: number,
    A: number,
    lda: number,
    d: number,
    sums: number,
    squares: number,
  ): void;
  /** B (n×m) ← Aᵀ for A m×n; they may not overlap. O(mn). */
  transpose(m: number, n: number, A: number, lda: number, B: number, ldb: number): void;

  /** y ← Xᵀr for X in compressed columns (i32 pointers and rows, f64 values). O(nnz). */
  cscGemvT(cols: number, colPointers: number, rowIndices: number, values: number, r: number, y: number): void;
  /** y[t] ← X[:, columns[t]]ᵀr for t < k, equal to cscGemvT's bit for bit. O(nnz of these columns). */
  cscGemvTSubset(
    k: number,
    columns: number,
    colPointers: number,
    rowIndices: number,
    values: number,
    r: number,
    y: number,
  ): void;
  /** y ← Xx, y of `rows` values. Columns with x[j] = 0 are not read. O(rows + nnz read). */
  cscGemv(
    rows: number,
    cols: number,
    colPointers: number,
    rowIndices: number,
    values: number,
    x: number,
    y: number,
  ): void;
  /** dots[j] ← X[:,j]ᵀr, equal to cscGemvT's bit for bit, and squares[j] ← ‖X[:,j]‖². O(nnz). */
  cscColumnStats(
    cols: number,
    colPointers: number,
    rowIndices: number,
    values: number,
    r: number,
    dots: number,
    squares: number,
  ): void;

  /**
   * C ← α·op(A)·op(B) + βC; C m×n, op(A) m×k, op(B) k×n. β = 0 overwrites C whatever it held. `work` has
   * {@link gemmWorkBytes}(m, n, k) bytes. Each element is added up in an order that depends on k alone. O(mnk).
   */
  gemm(
    transA: boolean,
    transB: boolean,
    m: number,
    n: number,
    k: number,
    alpha: number,
    A: number,
    lda: number,
    B: number,
    ldb: number,
    beta: number,
    C: number,
    ldc: number,
    work: number,
  ): void;
  /** As gemm, in single precision throughout; the same work. */
  sgemm: Kernels['gemm'];
  /**
   * C ← AᵀA for A k×n, or AAᵀ for A n×k where `trans` says so, both triangles; `work` has {@link gemmWorkBytes}(n, n, k)
   * bytes. O(n²k), half of gemm's.
   */
  syrk(trans: boolean, n: number, k: number, A: number, lda: number, C: number, ldc: number, work: number): void;
  /** Copies the lower triangle of the n×n C onto the upper. O(n²). */
  mirrorLower(n: number, C: number, ldc: number): void;

  /**
   * A ← L with A = LLᵀ; reads and writes the lower triangle only. Returns 0, or the first pivot, counted from 1, that is
   * not positive (NaN included); A is then partly overwritten. `work` has {@link gemmWorkBytes}(n, n, n) bytes. O(n³/3).
   */
  potrf(n: number, A: number, lda: number, work: number): number;
  /** B ← B·L⁻ᵀ for B m×n and L n×n lower triangular; `work` has {@link gemmWorkBytes}(m, n, n) bytes. O(mn²). */
  trsm(m: number, n: number, L: number, ldl: number, B: number, ldb: number, work: number): void;
  /** b ← L⁻¹b. O(n²). */
  forwardSolve(n: number, L: number, ldl: number, b: number): void;
  /** b ← L⁻ᵀb. O(n²). */
  backwardSolve(n: number, L: number, ldl: number, b: number): void;
  /** b ← (LLᵀ)⁻¹b. O(n²). */
  cholSolve(n: number, L: number, ldl: number, b: number): void;
  /**
   * From the n×n factor L of a matrix to that of the matrix without row and column k (from 0), in place and compact,
   * (n−1)×(n−1) in the same leading dimension; the last row and column hold rubbish after. O((n−k)² + kn).
   */
  cholDelete(n: number, L: number, ldl: number, k: number): void;
  /**
   * Appends row and column n to the factor: `column` has the n inner products with the old ones and then the new
   * diagonal, and is overwritten; ldl > n. Returns the square of the new pivot; if it is not positive, L is unchanged.
   * O(n²).
   */
  cholAppend(n: number, L: number, ldl: number, column: number): number;
  /** y ← y + Σ_t a[t]·X[:, columns[t]] over k listed sparse columns; columns with a[t] = 0 are not read. */
  cscAddColumns(
    k: number,
    columns: number,
    colPointers: number,
    rowIndices: number,
    values: number,
    a: number,
    y: number,
  ): void;

  // The logistic loss over vectors (assembly/logistic.ts), y = ±1; within a few ulp of the scalar functions.
  /** v ← w·y·σ(−yη), d ← w·σ(1 − σ) or w/4; returns Σ w·log(1 + e^−yη). */
  logisticDerivatives(n: number, y: number, w: number, eta: number, v: number, d: number, majorize: boolean): number;
  /** x ← σ(x + bias). */
  sigmoids(n: number, bias: number, x: number): void;
  /** Σ w·(t log t + (1 − t) log(1 − t)) at t = s·v·y/w; +∞ if a t lies outside [0, 1]. */
  logisticConjugate(n: number, y: number, w: number, v: number, s: number): number;

  // Steps of gradient methods (assembly/gradient.ts).
  /** y ← a·x². */
  squares(n: number, a: number, x: number, y: number): void;
  /** G ← G + weight·sgn(W) + a·W∘Mᵀ, all n×n without gaps. O(n²). */
  addSignsAndTransposed(n: number, weight: number, a: number, W: number, M: number, G: number): void;
  /** m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², direction ← c1·m/(√(c2·v) + ε). */
  adam(
    n: number,
    beta1: number,
    beta2: number,
    c1: number,
    c2: number,
    epsilon: number,
    g: number,
    m: number,
    v: number,
    direction: number,
  ): void;

  // Mixtures of normal distributions (assembly/mixture.ts). Points are columns of X, d×n without gaps.
  /** out[p] ← peak − ½·Σⱼ f[j]·(X[j, p] − mean[j])². O(dn). */
  logDensities(d: number, n: number, X: number, mean: number, f: number, peak: number, out: number): void;
  /** Columns √w[p]·(X[·, p] − mean) of the points with w[p] > 0, one after the other in `out`; returns how many. O(dn). */
  centreWeighted(d: number, n: number, X: number, mean: number, w: number, out: number): number;
  /** s[j] ← s[j] + Σ w[p]·(X[j, p] − mean[j])². O(dn). */
  addWeightedSquares(d: number, n: number, X: number, mean: number, w: number, s: number): void;
  /**
   * k rows of n values log(w p) in r become posterior probabilities, 0 where they are below e^−708 of the largest; each
   * point has one that is finite. Returns Σ log Σ_c w p; sums[0] gets the same with components times ratios[c]. O(kn).
   */
  posteriors(n: number, k: number, r: number, ratios: number, sums: number): number;

  /**
   * C[c + i·ldc] = a[c]·b[p]·Σ A_c·B_p in single precision, for c < m, p = list[i] (i32) and i < count. A and B hold whole
   * numbers of 16 bits, the even one in the lower half of an i32; row p of B has `pairs` of these in a row, A has eight
   * rows together: pair t of row c at (⌊c/8⌋·pairs + t)·8 + c mod 8. m and ldc are multiples of 8. Sums are exact, and
   * must fit 32 bits. O(m·count·pairs).
   */
  pairProducts(
    m: number,
    count: number,
    pairs: number,
    A: number,
    a: number,
    list: number,
    B: number,
    b: number,
    C: number,
    ldc: number,
  ): void;

  /**
   * Writes the i (i32) with x[i] + shift[i] < bound, or x[i] + own < limits[i], to `list`, in order, and returns their
   * number. O(n).
   */
  below(n: number, x: number, shift: number, bound: number, own: number, limits: number, list: number): number;
  /**
   * Of every column of D + shift·1ᵀ in single precision, k × count, k a multiple of 4: the row (i32) of the smallest
   * entry, the first of equal ones; that entry; and the smallest entry of the other rows. No entry is NaN; those of
   * rows that fill up a multiple may be infinite. O(k·count).
   */
  twoSmallest(
    k: number,
    count: number,
    D: number,
    ldd: number,
    shift: number,
    index: number,
    first: number,
    second: number,
  ): void;

  // Factorisations (assembly/factors.ts): factors by rows, k values a row.
  /**
   * Coordinate descent over each of `count` vectors w ≥ 0 of ½wᵀGw − cᵀw with q = c − Gw kept up to date; W and Q are
   * k × count. At most `epochs` passes a vector, fewer once one lowers its value by at most `ratio` of the first one's
   * fall. Returns the passes of all vectors together.
   */
  nonnegativeDescent(
    count: number,
    k: number,
    G: number,
    ldg: number,
    Q: number,
    W: number,
    epochs: number,
    ratio: number,
  ): number;
  /**
   * Up to `passes` passes of coordinate descent over each column f ≥ 0 of F of Σ x log(x/y) − x + y + l1 Σf + ½ l2 ‖f‖²,
   * y = Gᵀf, for the columns x of X (rows × cols, compressed), G k × rows with row sums `sums`; a column is left once no
   * value moves by more than `tol` of itself. `work` holds (k + 4)·(`longest` column, rounded up to four) values. Returns
   * Σ of the sizes of the projected gradient before; the loss goes to `loss` unless 0. O(passes·nnz·k).
   */
  klDescent(
    rows: number,
    cols: number,
    k: number,
    colPointers: number,
    rowIndices: number,
    values: number,
    G: number,
    sums: number,
    F: number,
    l1: number,
    l2: number,
    passes: number,
    tol: number,
    longest: number,
    work: number,
    loss: number,
  ): number;
  /**
   * Up to `steps` steps of conjugate gradients on each of `count` regressions ½Σ w r² + ½λ‖x‖² from where x, column i of
   * X (k × count), stands; the residuals r of its entries, and columns `indices` of F, begin at pointers[i]; r goes with
   * x. `weights` may be 0. `work` holds 2k values and as many as the longest regression has entries. Returns the steps of
   * all together; work[0] gets how many entries they visited. O(steps·entries·k).
   */
  conjugateSteps(
    count: number,
    k: number,
    pointers: number,
    indices: number,
    weights: number,
    F: number,
    X: number,
    r: number,
    lambda: number,
    steps: number,
    work: number,
  ): number;
  /** Y (k × cols) ← BX for B k × rows and X in compressed columns. O(nnz·k). */
  cscLeftProduct(
    k: number,
    cols: number,
    colPointers: number,
    rowIndices: number,
    values: number,
    B: number,
    Y: number,
  ): void;
  /** Y (k × rows) ← BXᵀ for B k × cols and X rows × cols in compressed columns. O(nnz·k + rows·k). */
  cscLeftProductT(
    k: number,
    rows: number,
    cols: number,
    colPointers: number,
    rowIndices: number,
    values: number,
    B: number,
    Y: number,
  ): void;
}

/** The views through which a plain TypeScript twin reads an arena; refreshed by the arena when its memory grows. */
export interface Heap {
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  readonly i32: Int32Array;
}
