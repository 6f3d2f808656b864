import { gemmWorkBytes } from '@southwell/kernels';
import type { WorkingSetQuadratic } from '../../../blocks/index.ts';
import type { Couplings } from '../../../losses/index.ts';
import type { Design } from '../../design/design.ts';

/** Relative to the diagonal without couplings: rounding must not make a curvature zero or negative. */
const LEAST = 1e-9;

/**
 * G ← G − (PᵀX̃)ᵀPᵀX̃ in the columns from … m−1, both triangles: converts the Gram matrix under the diagonal d of ∇²f =
 * diag(d) − PPᵀ to that of ∇²f. O(nm + count·m·(m − from)).
 */
export function takeOffCouplings(
  { count, project }: Couplings,
  design: Design,
  { columns, m, means, G, capacity }: WorkingSetQuadratic,
  from: number,
): void {
  const { arena, n } = design;
  const scratch = arena.scratch();
  try {
    const B = scratch.f64(count * m);
    const work = scratch.f64(Math.ceil(gemmWorkBytes(m, m - from, count) / 8));
    const x = new Float64Array(n);
    const out = new Float64Array(count);
    const { X, ...here } = design.at(columns, m);
    const [list, mean, scale, b] = [here.columns.view, means.view, here.scale.view, B.view];
    for (let t = 0; t < m; t++) {
      const j = list[t];
      // Couplings are invariant to constants: centring only reduces rounding errors.
      if (X.kind === 'dense') {
        const column = X.column(j);
        for (let i = 0; i < n; i++) x[i] = scale[j] * column[i] - mean[t];
      } else {
        x.fill(-mean[t]);
        for (let q = X.colPointers[j]; q < X.colPointers[j + 1]; q++) x[X.rowIndices[q]] += scale[j] * X.values[q];
      }
      project(x, out);
      b.set(out, t * count);
    }
    const g = G.view;
    const own = Array.from({ length: m - from }, (_, t) => g[(from + t) * (capacity + 1)]);
    const { kernels } = arena;
    const right = B.pointer + 8 * count * from;
    const at = G.pointer + 8 * capacity * from;
    kernels.gemm(true, false, m, m - from, count, -1, B.pointer, count, right, count, 1, at, capacity, work.pointer);
    own.forEach((d, t) => {
      const diagonal = (from + t) * (capacity + 1);
      g[diagonal] = Math.max(g[diagonal], 0) + LEAST * d;
    });
    if (from > 0) kernels.transpose(from, m - from, at, capacity, G.pointer + 8 * from, capacity);
  } finally {
    scratch.release();
  }
}
