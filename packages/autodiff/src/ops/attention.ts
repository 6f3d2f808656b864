import { gemmWorkBytes } from '@southwell/kernels';
import { needTensors } from '../given.ts';
import { apply, arithmetic, misfit, packed } from '../op.ts';
import type { TensorCall } from '../primitive.ts';
import { type Calculus, defineOp, type Op, type Place } from '../primitive.ts';
import { cleared, inTurn, productTime, shared } from '../programs/sharing.ts';
import { isContiguous, sameShape, show } from '../shapes.ts';
import { BYTES, owning, type Tensor } from '../tensor.ts';

interface Kind {
  readonly causal: boolean;
  readonly scale: number;
}

/** Rows of scores per block; a product covers the columns visible to the last row of its block. */
const ROWS = 32;

/**
 * Blocks of rows of t × s scores: the first row, the one after the last, and the number of columns visible to the last
 * one.
 */
const blocks = (t: number, s: number, causal: boolean): Array<readonly [from: number, to: number, seen: number]> => {
  const step = causal ? ROWS : t;
  return Array.from({ length: Math.ceil(t / step) }, (_, b) => {
    const to = Math.min(t, (b + 1) * step);
    return [b * step, to, causal ? s - t + to : s] as const;
  });
};

/**
 * Blocks of columns of t × s scores: the first column, the one after the last, and the first row to which one of them
 * is visible.
 */
const columnBlocks = (
  t: number,
  s: number,
  causal: boolean,
): Array<readonly [from: number, to: number, row: number]> => {
  const step = causal ? ROWS : s;
  return Array.from({ length: Math.ceil(s / step) }, (_, b) => {
    return [b * step, Math.min(s, (b + 1) * step), causal ? Math.max(0, b * step - s + t) : 0] as const;
  });
};

// q [n, t, h, d], k and v [n, s, h, d], each head contiguous along d; results [n, t, h, d] and weights [n, h, t, s].
const attentionOp: Op<Kind> = defineOp<Kind>({
  name: 'attention',
  strided: true,
  infer: ([q, k, v]) => [
    { shape: [...q.shape.slice(0, 3), v.shape[3]], dtype: q.dtype },
    { shape: [q.shape[0], q.shape[2], q.shape[1], k.shape[1]], dtype: q.dtype },
  ],
  work: ([q, k, v]) => {
    const [t, s, d, e] = [q.shape[1], k.shape[1], q.shape[3], v.shape[3]];
    return Math.max(gemmWorkBytes(s, t, d), gemmWorkBytes(e, t, s));
  },
  bind: (binding) => {
    const {
      kernels,
      x: [q, k, v],
      y: [y, weights],
      attrs: { causal, scale },
    } = binding;
    const [n, t, h, d] = q.shape;
    const [s, e] = [k.shape[1], v.shape[3]];
    const bytes = BYTES[q.dtype];
    const [gemm, softmax] =
      q.dtype === 'f64' ? (['gemm', 'softmaxRows'] as const) : (['sgemm', 'ssoftmaxRows'] as const);
    const head = (p: Place, i: number, j: number) => p.pointer + (i * p.strides[0] + j * p.strides[2]) * bytes;
    const block = t * s * bytes;
    const [lq, lk, lv, ly] = [q, k, v, y].map((p) => Math.max(1, p.strides[1], p.shape[3]));
    if (n * h * t * s === 0) return () => {};
    const rows = blocks(t, s, causal);
    const part = (from: number, to: number, work: number): TensorCall[] =>
      Array.from({ length: to - from }, (_, at): TensorCall[] => {
        const [i, j] = [Math.floor((from + at) / h), (from + at) % h];
        const w = weights.pointer + (from + at) * block;
        const [pq, pk, pv, py] = [q, k, v, y].map((p) => head(p, i, j));
        return [
          ...rows.map(([r, end, m]): TensorCall => {
            const [up, to] = [pq + r * lq * bytes, w + r * s * bytes];
            return [gemm, true, false, m, end - r, d, scale, pk, lk, up, lq, 0, to, s, work];
          }),
          [softmax, false, t, s, causal ? t : 0, w, w],
          ...rows.map(([r, end, m]): TensorCall => {
            const [own, to] = [w + r * s * bytes, py + r * ly * bytes];
            return [gemm, false, false, e, end - r, m, 1, pv, lv, own, s, 0, to, ly, work];
          }),
        ];
      }).flat();
    const time = n * h * (productTime(t, s, d + e, bytes) + 2 * t * s);
    return shared(binding, n * h, time, part) ?? inTurn(kernels, part(0, n * h, binding.work));
  },
  vjp: ({ x: [q, k, v], y: [, weights], g: [g, other], attrs }) =>
    g && !other ? apply(attentionBack, [q, k, v, weights, g], attrs) : [],
  decompose: (o, [q, k, v], { causal, scale }) => {
    const scores = o.mul(o.matmul(heads(o, q), o.permute(k, [0, 2, 3, 1])), scale);
    const weights = o.softmax(
      causal ? o.where(mask(q.shape[1], k.shape[1], q), scores, Number.NEGATIVE_INFINITY) : scores,
    );
    return [heads(o, o.matmul(weights, heads(o, v))), weights];
  },
  batch: ({ o, x, mapped, size, apply: again }) => {
    const merged = x.map((t, i) => {
      const all = mapped[i] ? t : o.broadcastTo(t, [size, ...t.shape]);
      return laid(o.reshape(all, [size * all.shape[1], ...all.shape.slice(2)]));
    });
    return again(merged).map((y) => o.reshape(y, [size, -1, ...y.shape.slice(1)]));
  },
});

const attentionBack: Op<Kind> = defineOp<Kind>({
  name: 'attention’s derivative',
  infer: ([q, k, v]) => [q, k, v].map(({ shape, dtype }) => ({ shape, dtype })),
  strided: true,
  work: ([q, k, v]) => {
    const [t, s, d, e] = [q.shape[1], k.shape[1], q.shape[3], v.shape[3]];
    const gemm = Math.max(
      gemmWorkBytes(s, t, e),
      gemmWorkBytes(e, s, t),
      gemmWorkBytes(d, t, s),
      gemmWorkBytes(d, s, t),
    );
    return Math.ceil(gemm / 64) * 64 + t * s * 8;
  },
  bind: (binding) => {
    const {
      kernels,
      x: [q, k, v, weights, g],
      y: [dq, dk, dv],
      attrs: { causal, scale },
    } = binding;
    const [n, t, h, d] = q.shape;
    const [s, e] = [k.shape[1], v.shape[3]];
    const bytes = BYTES[q.dtype];
    const [gemm, back] =
      q.dtype === 'f64' ? (['gemm', 'softmaxBackward'] as const) : (['sgemm', 'ssoftmaxBackward'] as const);
    const head = (p: Place, i: number, j: number) => p.pointer + (i * p.strides[0] + j * p.strides[2]) * bytes;
    const block = t * s * bytes;
    const all = Math.max(
      gemmWorkBytes(s, t, e),
      gemmWorkBytes(e, s, t),
      gemmWorkBytes(d, t, s),
      gemmWorkBytes(d, s, t),
    );
    const after = Math.ceil(all / 64) * 64;
    const [lq, lk, lv, lg, mq, mk, mv] = [q, k, v, g, dq, dk, dv].map((p) => Math.max(1, p.strides[1], p.shape[3]));
    const [rows, columns] = [blocks(t, s, causal), columnBlocks(t, s, causal)];
    const part = (from: number, to: number, work: number): TensorCall[] =>
      Array.from({ length: to - from }, (_, at): TensorCall[] => {
        const [i, j] = [Math.floor((from + at) / h), (from + at) % h];
        const w = weights.pointer + (from + at) * block;
        const ds = work + after;
        const [pq, pk, pv, pg, tq, tk, tv] = [q, k, v, g, dq, dk, dv].map((p) => head(p, i, j));
        /**
         * Transposed matrix of scores times rows of another matrix: for each key, the sum over the queries to which it
         * is visible.
         */
        const turned = (scores: number, alpha: number, m: number, p: number, ld: number, y: number, ly: number) =>
          columns.map(([c, end, r]): TensorCall => {
            const [a, b] = [p + r * ld * bytes, scores + (r * s + c) * bytes];
            return [gemm, false, true, m, end - c, t - r, alpha, a, ld, b, s, 0, y + c * ly * bytes, ly, work];
          });
        return [
          ...turned(w, 1, e, pg, lg, tv, mv),
          ...rows.flatMap(([r, end, m]): TensorCall[] => {
            const to = ds + r * s * bytes;
            const made: TensorCall = [
              gemm,
              true,
              false,
              m,
              end - r,
              e,
              1,
              pv,
              lv,
              pg + r * lg * bytes,
              lg,
              0,
              to,
              s,
              work,
            ];
            // Invisible entries are set to 0, because they are multiplied by weights of 0 (and might be NaN).
            return m < s ? [made, cleared(gemm, s - m, end - r, to + m * bytes, s, work)] : [made];
          }),
          [back, false, t, s, w, ds, ds],
          ...rows.map(([r, end, m]): TensorCall => {
            const to = tq + r * mq * bytes;
            return [gemm, false, false, d, end - r, m, scale, pk, lk, ds + r * s * bytes, s, 0, to, mq, work];
          }),
          ...turned(ds, scale, d, pq, lq, tk, mk),
        ];
      }).flat();
    const time = n * h * (productTime(t, s, 2 * (d + e), bytes) + t * s);
    return shared(binding, n * h, time, part) ?? inTurn(kernels, part(0, n * h, binding.work));
  },
  decompose: (o, [q, k, v, weights, g], { scale }) => {
    const up = heads(o, g);
    const dw = o.matmul(up, o.permute(v, [0, 2, 3, 1]));
    const ds = o.mul(o.mul(weights, o.sub(dw, o.sum(o.mul(dw, weights), [-1], true))), scale);
    return [
      heads(o, o.matmul(ds, heads(o, k))),
      heads(o, o.matmul(o.turned(ds), heads(o, q))),
      heads(o, o.matmul(o.turned(weights), up)),
    ];
  },
  batch: ({ o, x, mapped, size, apply: again }) => {
    const merged = x.map((t, i) => {
      const all = mapped[i] ? t : o.broadcastTo(t, [size, ...t.shape]);
      const one = o.reshape(all, [size * all.shape[1], ...all.shape.slice(2)]);
      return i === 3 ? packed(one) : laid(one);
    });
    return again(merged).map((y) => o.reshape(y, [size, -1, ...y.shape.slice(1)]));
  },
});

/** [n, t, h, d] to [n, h, t, d], and back. */
const heads = (o: Calculus, x: Tensor): Tensor => o.permute(x, [0, 2, 1, 3]);

/** 1 where row i of t may attend to column j of s; the last positions of both are aligned. */
function mask(t: number, s: number, like: Tensor): Tensor {
  const values = like.dtype === 'f32' ? new Float32Array(t * s) : new Float64Array(t * s);
  for (let i = 0; i < t; i++) for (let j = 0; j <= Math.min(s - 1, s - t + i); j++) values[i * s + j] = 1;
  return owning(values, like.dtype, [t, s]);
}

/** A copy, if necessary, in which each head is contiguous along its last axis and rows do not overlap. */
function laid(x: Tensor): Tensor {
  const [, t, , d] = x.shape;
  const fits = (x.strides[3] === 1 || d <= 1) && (x.strides[1] >= d || t <= 1);
  return fits || isContiguous(x.shape, x.strides) ? x : packed(x);
}

/** Options of {@link attend}. */
export interface Weighing extends Kind {
  readonly mask?: Tensor;
}

/** @internal See attention in images.ts. */
export function attend(o: Calculus, q: Tensor, k: Tensor, v: Tensor, { causal, scale, mask: seen }: Weighing): Tensor {
  needTensors('attention', { q, k, v }, { mask: seen });
  [q, k, v] = arithmetic([q, k, v]);
  const all = [q, k, v];
  if (all.some((t) => t.rank !== 4 || t.dtype !== q.dtype || t.dtype === 'i32')) {
    misfit('attention', all, 'q, k and v must be [batch, positions, heads, width], of the same dtype, f32 or f64.');
  }
  if (!sameShape([q.shape[0], q.shape[2], q.shape[3]], [k.shape[0], k.shape[2], k.shape[3]])) {
    misfit(
      'attention',
      all,
      `q and k must have the same shape except for their positions, not ${show(q.shape)} and ${show(k.shape)}.`,
    );
  }
  if (!sameShape(k.shape.slice(0, 3), v.shape.slice(0, 3)))
    misfit('attention', all, 'k and v must have the same shape except for their width.');
  if (causal && q.shape[1] > k.shape[1])
    misfit(
      'attention',
      all,
      `causal attention needs at least as many positions of k as of q, not ${k.shape[1]} for ${q.shape[1]}.`,
    );
  if (k.shape[1] === 0) misfit('attention', all, 'there must be at least one position to attend to.');
  if (!seen) return apply(attentionOp, all.map(laid), { causal, scale })[0];
  if (seen.dtype !== q.dtype)
    misfit(
      'attention',
      [...all, seen],
      `the mask must be ${q.dtype}, like the other arguments, not ${seen.dtype}; comparisons return that.`,
    );
  const scores = o.mul(o.matmul(heads(o, q), o.permute(k, [0, 2, 3, 1])), scale);
  const open = o.broadcastTo(o.where(seen, 1, 0), scores.shape);
  const allowed = causal ? o.mul(open, mask(q.shape[1], k.shape[1], q)) : open;
  // A query to which no key is visible gets 0, rather than NaN from a row of −∞.
  const counts = o.lessEqual(1, o.sum(allowed, [-1], true));
  const weights = o.softmax(o.where(allowed, scores, o.where(counts, Number.NEGATIVE_INFINITY, 0)));
  return heads(o, o.matmul(o.mul(weights, counts), heads(o, v)));
}
