import { Arena } from '@southwell/kernels';
import type { DenseMatrix } from '../arrays/index.ts';
import { fail, type Random } from '../core/index.ts';
import { symmetricEigen } from '../linalg/index.ts';
import type { Preconditioner } from '../operators/index.ts';
import { asVectors, checkPairs, type EigenPoint, ESTIMATED, Progress, type Scaled } from './eigenProblem.ts';
import { Orthonormaliser } from './orthonormaliser.ts';
import { scaleVector, TallBlock, unitLength } from './tallBlock.ts';

/** The state that a checkpoint of `lobpcg` saves. */
export interface LobpcgState {
  readonly iteration: number;
  readonly products: number;
  readonly random: readonly number[];
  readonly norms: readonly [number, number];
  readonly progress: readonly [number, number, number];
  readonly values: Float64Array;
  readonly kept: number;
  /** Vectors, search directions, and their images. */
  readonly S: Float64Array;
  readonly AS: Float64Array;
  readonly BS: Float64Array | undefined;
}

/** Number of steps without progress after which the method gives up. */
const PATIENCE = 100;

/** Settings besides the matrices. */
interface Given {
  readonly preconditioner?: Preconditioner;
  readonly constraints?: DenseMatrix;
}

/** The vectors of a step, the search directions that led to them and, during a step, preconditioned residuals. */
export class Lobpcg {
  private readonly arena = new Arena();
  private readonly m: number;
  private readonly S: TallBlock;
  private readonly AS: TallBlock;
  /** S itself if there is no B. */
  private readonly BS: TallBlock;
  /** Residuals, and the next vectors and directions. */
  private readonly R: TallBlock;
  private readonly spare: TallBlock;
  private readonly basis: Orthonormaliser;
  /** Number of directions kept from the last step. */
  private kept = 0;
  private values: Float64Array;
  private relative: Float64Array;
  private readonly progress = new Progress(PATIENCE);

  /** @throws INVALID_SHAPE, NON_FINITE, EMPTY, INVALID_PARAMETER. */
  constructor(
    private readonly A: Scaled,
    private readonly B: Scaled | undefined,
    private readonly k: number,
    /** −1 for the largest eigenvalues, which are found as the smallest of −A. */
    private readonly sign: number,
    private readonly random: Random,
    private readonly options: Given,
  ) {
    const { arena } = this;
    const { n } = A;
    const { constraints } = options;
    const given = constraints?.cols ?? 0;
    if (constraints && constraints.rows !== n) {
      fail('INVALID_SHAPE', `A has ${n} rows, but the constraints have ${constraints.rows}.`);
    }
    const Y = new TallBlock(arena, n, given);
    if (constraints) Y.set(0, finite(constraints, 'constraints'));
    this.basis = new Orthonormaliser(arena, n, B, Y);
    const room = n - this.basis.constraints;
    checkPairs(k, room, n);
    // A small space is solved completely: its Rayleigh–Ritz values are the eigenvalues.
    const wide = k + Math.ceil(k / 4) + 1;
    this.m = room <= Math.max(48, 3 * wide) ? room : wide;
    const { m } = this;
    this.S = new TallBlock(arena, n, 3 * m);
    this.AS = new TallBlock(arena, n, 3 * m);
    this.BS = B ? new TallBlock(arena, n, 3 * m) : this.S;
    this.R = new TallBlock(arena, n, m);
    this.spare = new TallBlock(arena, n, 2 * m);
    this.values = new Float64Array(m);
    this.relative = new Float64Array(m);
  }

  /** @throws INVALID_SHAPE, NON_FINITE, NUMERICAL. */
  start(x0: DenseMatrix | undefined): void {
    const { S, A, m } = this;
    if (x0 && x0.rows !== A.n) fail('INVALID_SHAPE', `A has ${A.n} rows, but x0 has ${x0.rows}.`);
    const given = Math.min(m, x0?.cols ?? 0);
    if (x0) S.set(0, finite(x0, 'x0').subarray(0, given * A.n));
    for (let j = given; j < m; j++) this.draw(j);
    this.fill(0);
    this.images(0, m);
    this.rayleighRitz(m);
  }

  private draw(j: number): void {
    const v = this.S.column(j);
    for (let i = 0; i < v.length; i++) v[i] = this.random.normal();
  }

  /** Orthonormalises the first m columns, replacing dependent ones by random ones. */
  private fill(from: number): void {
    const { m } = this;
    let have = from;
    for (let round = 0; have < m && round < 5; round++) {
      have += this.basis.orthonormalise(this.S, this.BS, have, m - have);
      for (let j = have; j < m; j++) this.draw(j);
    }
    if (have < m) {
      fail(
        'NUMERICAL',
        `Only ${have} independent vectors could be found where ${m} are needed; ask for fewer eigenvalues.`,
      );
    }
  }

  private images(from: number, count: number): void {
    for (let j = from; j < from + count; j++) {
      const image = this.AS.column(j);
      this.A.apply(this.S.column(j), image);
      if (this.sign < 0) scaleVector(image, -1);
    }
  }

  /** The best vectors in the span of `size` orthonormal columns, and the directions that led to them. */
  private rayleighRitz(size: number): void {
    const { S, AS, BS, spare, m } = this;
    const H = S.inner(0, size, AS, 0, size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < i; j++) H[i * size + j] = H[j * size + i] = (H[i * size + j] + H[j * size + i]) / 2;
    }
    const { values, vectors } = symmetricEigen(H, size);
    const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
    const C = new Float64Array(size * m);
    for (let c = 0; c < m; c++) for (let i = 0; i < size; i++) C[c * size + i] = vectors[i * size + order[c]];
    this.values = Float64Array.from({ length: m }, (_, c) => values[order[c]]);
    const largest = Math.max(Math.abs(values[order[0]]), Math.abs(values[order[size - 1]]));
    this.A.norm = Math.max(this.A.norm, largest / Math.max(this.B?.norm ?? 1, Number.MIN_VALUE));
    const D = directions(C, size, m);
    this.kept = D.length / size;
    for (const block of this.B ? [S, AS, BS] : [S, AS]) {
      spare.combine(0, block, 0, size, C);
      spare.combine(m, block, 0, size, D);
      block.copy(0, spare, 0, m + this.kept);
    }
    this.residuals();
  }

  private residuals(): void {
    const { A, B, S, AS, BS, R, values } = this;
    for (let j = 0; j < this.m; j++) {
      const [r, image, other, x] = [R.column(j), AS.column(j), BS.column(j), S.column(j)];
      let [sum, size] = [0, 0];
      for (let i = 0; i < r.length; i++) {
        r[i] = image[i] - values[j] * other[i];
        sum += r[i] * r[i];
        size += x[i] * x[i];
      }
      const scale = (A.norm + Math.abs(values[j]) * (B?.norm ?? 1)) * Math.sqrt(size);
      this.relative[j] = scale > 0 ? Math.sqrt(sum) / scale : 0;
    }
  }

  worst(): number {
    return this.relative.subarray(0, this.k).reduce((a, b) => Math.max(a, b), 0);
  }

  /** Recomputes the vectors and their images; returns the largest residual. */
  renew(): number {
    this.fill(0);
    this.images(0, this.m);
    this.rayleighRitz(this.m);
    return this.worst();
  }

  note(worst: number): void {
    const sum = this.values.subarray(0, this.k).reduce((a, b) => a + b, 0);
    this.progress.note(worst, sum, (this.k * this.A.norm) / (this.B?.norm ?? 1));
  }

  hopeless(worst: number): boolean {
    return this.progress.hopeless(worst);
  }
  /** @throws NUMERICAL if the preconditioner or a product gives a non-finite value. */
  step(tol: number, refresh: boolean): void {
    const { A, S, R, m, basis, options } = this;
    if (refresh) this.renew();
    let at = m + this.kept;
    const from = at;
    for (let j = 0; j < m && from < 3 * m; j++) {
      // Soft locking: converged vectors stay in the basis, but contribute no residuals.
      if (this.relative[j] <= 0.1 * tol || at === 3 * m) continue;
      const w = S.column(at);
      const r = R.column(j);
      if (unitLength(r)) {
        if (options.preconditioner) options.preconditioner.apply(r, w);
        else w.set(r);
        if (!w.every(Number.isFinite)) {
          fail('NUMERICAL', 'The preconditioner gave a value that is not finite for a finite vector.');
        }
        at++;
      }
    }
    let added = basis.orthonormalise(S, this.BS, from, at - from);
    if (added === 0 && from < Math.min(3 * m, A.n - basis.constraints)) {
      // The residuals contribute nothing new; a random direction may.
      this.draw(from);
      added = basis.orthonormalise(S, this.BS, from, 1);
    }
    this.images(from, added);
    this.rayleighRitz(from + added);
  }

  objective(): number {
    return this.sign * this.unscaled(this.values.subarray(0, this.k)).reduce((a, b) => a + b, 0);
  }

  private unscaled(values: Float64Array): Float64Array {
    return values.map((v) => (v * this.A.scale) / (this.B?.scale ?? 1));
  }

  point(): EigenPoint {
    const { A, B, S, k, sign } = this;
    const vectors = asVectors(S.values(0, k), A.n, k);
    // xᵀBx = 1 in terms of the unscaled B.
    if (B && B.scale !== 1) scaleVector(vectors.data, 1 / Math.sqrt(B.scale));
    const values = this.unscaled(this.values.slice(0, k)).map((v) => sign * v + 0);
    return { values, vectors, residuals: this.relative.slice(0, k) };
  }

  state(iteration: number): LobpcgState {
    const { A, B, S, AS, BS, random, progress, values } = this;
    const count = this.m + this.kept;
    return {
      ...{ iteration, products: A.products, random: random.state(), norms: [A.norm, B?.norm ?? 1] },
      progress: progress.state(),
      ...{ values: values.slice(), kept: this.kept, S: S.values(0, count), AS: AS.values(0, count) },
      BS: B && BS.values(0, count),
    };
  }

  restore(state: LobpcgState): void {
    const { A, B, S, AS, BS, random } = this;
    A.products = state.products;
    [A.norm] = state.norms;
    if (B) [, B.norm] = state.norms;
    random.restore(state.random);
    this.progress.restore(state.progress);
    this.values = state.values.slice();
    this.kept = state.kept;
    S.set(0, state.S);
    AS.set(0, state.AS);
    if (state.BS) BS.set(0, state.BS);
    this.residuals();
  }
}

/**
 * For C, size × m with orthonormal columns: the part below its first m rows, orthonormalised and made orthogonal to C.
 */
function directions(C: Float64Array, size: number, m: number): Float64Array {
  const kept: Float64Array[] = [];
  const columns = Array.from({ length: m }, (_, c) => C.subarray(c * size, (c + 1) * size));
  for (const column of columns) {
    const d = column.slice().fill(0, 0, m);
    const before = Math.hypot(...d);
    if (!(before > ESTIMATED)) continue;
    for (let pass = 0; pass < 2; pass++) {
      for (const u of [...columns, ...kept]) {
        let inner = 0;
        for (let i = 0; i < size; i++) inner += u[i] * d[i];
        for (let i = 0; i < size; i++) d[i] -= inner * u[i];
      }
    }
    const after = Math.hypot(...d);
    if (!(after > 1e-8 * before)) continue;
    scaleVector(d, 1 / after);
    kept.push(d);
  }
  const out = new Float64Array(size * kept.length);
  kept.forEach((d, c) => {
    out.set(d, c * size);
  });
  return out;
}

function finite(given: DenseMatrix, name: string): Float64Array {
  const at = given.data.findIndex((v) => !Number.isFinite(v));
  if (at >= 0) {
    const [row, col] = [(at % given.rows) + 1, Math.floor(at / given.rows) + 1];
    fail('NON_FINITE', `${name} has the value ${given.data[at]} in row ${row}, column ${col}.`);
  }
  return given.data;
}
