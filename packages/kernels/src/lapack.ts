/** Factorisations by an installed LAPACK on matrices of one memory, given by pointers; column-major. */
export interface Lapack {
  /** LU with row exchanges; pivots[k], from 0, is the row with which row k was exchanged. */
  getrf(n: number, A: number, lda: number, pivots: Int32Array): void;
  /** Overwrites the factors of getrf by A⁻¹, given its pivots; A must be nonsingular. */
  getri(n: number, A: number, lda: number, pivots: Int32Array): void;
  /** QR; `tau` has length min(m, n). */
  geqrf(m: number, n: number, A: number, lda: number, tau: Float64Array): void;
  /** Overwrites the reflectors by the first n columns of Q. */
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
  /** Bunch–Kaufman LDLᵀ from the lower triangle; returns the pivots of dsytrf, from 1. */
  sytrf(n: number, A: number, lda: number): Int32Array;
  /**
   * Eigenvalues in ascending order; with `vectors`, A is overwritten by the eigenvectors. Non-zero if not converged.
   */
  syevd(vectors: boolean, n: number, A: number, lda: number, values: Float64Array): number;
  /** A is overwritten. U is m × k and Vᵀ is k × n, k = min(m, n), if requested. Non-zero if not converged. */
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
  /** A is overwritten; right eigenvectors, packed as by dgeev, if requested. Non-zero if not converged. */
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
  /** A is overwritten by the real Schur form T of A = QTQᵀ. Non-zero if not converged. */
  gees(n: number, A: number, lda: number, real: Float64Array, imaginary: Float64Array, Q: number, ldq: number): number;
}

/** The part of a loaded library's interface that is used. */
interface Library {
  func(declaration: string): (...args: unknown[]) => unknown;
}

/** The LAPACK routines of a library; throws if one of them is missing. */
export function lapackOf(library: Library): (memory: () => Float64Array) => Lapack {
  // All arguments except characters are passed by address, as in Fortran; integers as arrays of length 1.
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
    /** Queries the workspace size of a routine and allocates it. */
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
          // The query returns both sizes; that of the integers is already known here.
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
