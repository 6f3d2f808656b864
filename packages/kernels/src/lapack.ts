/** Factorisations by an installed LAPACK on the matrices of one memory, by their pointers; column-major. */
export interface Lapack {
  /** LU with exchanges of rows; `pivots` receives, from 0, the row with which row k was exchanged. */
  getrf(n: number, A: number, lda: number, pivots: Int32Array): void;
  /** A⁻¹ in the place of the factors of getrf, with its pivots, and A not singular. */
  getri(n: number, A: number, lda: number, pivots: Int32Array): void;
  /** QR; `tau` of min(m, n). */
  geqrf(m: number, n: number, A: number, lda: number, tau: Float64Array): void;
  /** The first n columns of Q, in the place of the reflectors. */
  orgqr(m: number, n: number, A: number, lda: number, tau: Float64Array): void;
  /** C ← QC, or QᵀC, for k reflectors at A and C m × n. */
  ormqr(
    trans: boolean,
    m: number,
    n: number,
    k: number,
    A: number,
    lda: number,
    tau: Float64Array,
    C: number,
    ldc: number,
  ): void;
  /** Bunch and Kaufman's LDLᵀ of the lower triangle; exchanges as dsytrf gives them, from 1. */
  sytrf(n: number, A: number, lda: number): Int32Array;
  /** Eigenvalues, ascending; with `vectors` A becomes the eigenvectors. Not 0: no convergence. */
  syevd(vectors: boolean, n: number, A: number, lda: number, values: Float64Array): number;
  /** A is spoilt. U m × k and Vᵀ k × n, k = min(m, n), where wanted. Not 0: no convergence. */
  gesdd(
    vectors: boolean,
    m: number,
    n: number,
    A: number,
    lda: number,
    sizes: Float64Array,
    U: number,
    ldu: number,
    VT: number,
    ldvt: number,
  ): number;
  /** A is spoilt; right vectors, as dgeev packs them, where wanted. Not 0: no convergence. */
  geev(
    vectors: boolean,
    n: number,
    A: number,
    lda: number,
    real: Float64Array,
    imaginary: Float64Array,
    V: number,
    ldv: number,
  ): number;
  /** A becomes the real Schur form T of A = QTQᵀ. Not 0: no convergence. */
  gees(n: number, A: number, lda: number, real: Float64Array, imaginary: Float64Array, Q: number, ldq: number): number;
}

/** What is used of a loaded library. */
interface Library {
  func(declaration: string): (...args: unknown[]) => unknown;
}

/** LAPACK's routines in a library; throws where one of them is missing. */
export function lapackOf(library: Library): (memory: () => Float64Array) => Lapack {
  // Arguments after a character's own are those of Fortran: addresses. Whole numbers go as arrays of one.
  const routine = (name: string, kinds: string) => {
    const types = [...kinds].map((kind) => (kind === 'c' ? 'const char *' : 'void *'));
    return library.func(`void ${name}_(${types.join(', ')})`);
  };
  const call = {
    getrf: routine('dgetrf', 'iipipi'),
    getri: routine('dgetri', 'ipippii'),
    geqrf: routine('dgeqrf', 'iipippii'),
    orgqr: routine('dorgqr', 'iiipippii'),
    ormqr: routine('dormqr', 'cciiipippipii'),
    sytrf: routine('dsytrf', 'cipippii'),
    syevd: routine('dsyevd', 'ccipippiiii'),
    gesdd: routine('dgesdd', 'ciipippipipiii'),
    geev: routine('dgeev', 'ccipipppipipii'),
    gees: routine('dgees', 'ccpipiipppipipi'),
  };
  const whole = (value: number) => Int32Array.of(value);
  return (memory) => {
    const at = (pointer: number) => memory().subarray(pointer / 8);
    /** Asks how much room a routine wants, and gives it. */
    const withWork = (run: (work: Float64Array, size: Int32Array, info: Int32Array) => void): number => {
      const info = whole(0);
      const best = new Float64Array(1);
      run(best, whole(-1), info);
      const size = Math.max(1, best[0]);
      run(new Float64Array(size), whole(size), info);
      return info[0];
    };
    return {
      getrf(n, A, lda, pivots) {
        call.getrf(whole(n), whole(n), at(A), whole(lda), pivots, whole(0));
        for (let k = 0; k < n; k++) pivots[k]--;
      },
      getri(n, A, lda, pivots) {
        const fromOne = pivots.map((p) => p + 1);
        withWork((work, size, info) => call.getri(whole(n), at(A), whole(lda), fromOne, work, size, info));
      },
      geqrf(m, n, A, lda, tau) {
        withWork((work, size, info) => call.geqrf(whole(m), whole(n), at(A), whole(lda), tau, work, size, info));
      },
      orgqr(m, n, A, lda, tau) {
        const [rows, cols, count] = [m, n, tau.length].map(whole);
        withWork((work, size, info) => call.orgqr(rows, cols, count, at(A), whole(lda), tau, work, size, info));
      },
      ormqr(trans, m, n, k, A, lda, tau, C, ldc) {
        const [rows, cols, count] = [m, n, k].map(whole);
        const op = trans ? 'T' : 'N';
        withWork((work, size, info) =>
          call.ormqr('L', op, rows, cols, count, at(A), whole(lda), tau, at(C), whole(ldc), work, size, info),
        );
      },
      sytrf(n, A, lda) {
        const pivots = new Int32Array(n);
        withWork((work, size, info) => call.sytrf('L', whole(n), at(A), whole(lda), pivots, work, size, info));
        return pivots;
      },
      syevd(vectors, n, A, lda, values) {
        const counts = vectors ? 3 + 5 * n : 1;
        const integers = new Int32Array(counts);
        return withWork((work, size, info) => {
          // Asked for one size, it tells both; that of the integers is known.
          const room = whole(size[0] < 0 ? -1 : counts);
          const job = vectors ? 'V' : 'N';
          call.syevd(job, 'L', whole(n), at(A), whole(lda), values, work, size, integers, room, info);
        });
      },
      gesdd(vectors, m, n, A, lda, sizes, U, ldu, VT, ldvt) {
        const integers = new Int32Array(8 * Math.min(m, n));
        const job = vectors ? 'S' : 'N';
        const [rows, cols, a, u, v] = [m, n, lda, ldu, ldvt].map(whole);
        return withWork((work, size, info) =>
          call.gesdd(job, rows, cols, at(A), a, sizes, at(U), u, at(VT), v, work, size, integers, info),
        );
      },
      geev(vectors, n, A, lda, real, imaginary, V, ldv) {
        const job = vectors ? 'V' : 'N';
        const none = new Float64Array(1);
        const [size1, a, v, one] = [n, lda, ldv, 1].map(whole);
        return withWork((work, size, info) =>
          call.geev('N', job, size1, at(A), a, real, imaginary, none, one, at(V), v, work, size, info),
        );
      },
      gees(n, A, lda, real, imaginary, Q, ldq) {
        const [size1, a, q, sorted] = [n, lda, ldq, 0].map(whole);
        return withWork((work, size, info) =>
          call.gees('V', 'N', null, size1, at(A), a, sorted, real, imaginary, at(Q), q, work, size, null, info),
        );
      },
    };
  };
}
