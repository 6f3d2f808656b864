import { gemmWorkBytes } from '@southwell/kernels';
import { apply, misfit, packed } from '../op.ts';
import { type Calculus, defineOp, type Op, type Place } from '../primitive.ts';
import { isContiguous, sameShape, show } from '../shapes.ts';
import { BYTES, owning, type Tensor } from '../tensor.ts';

interface Kind {
  readonly causal: boolean;
  readonly scale: number;
}

// q [n, t, h, d], k and v [n, s, h, d], each head without gaps along d: results [n, t, h, d] and weights [n, h, t, s].
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
  bind: ({ kernels, x: [q, k, v], y: [y, weights], attrs: { causal, scale }, work }) => {
    const [n, t, h, d] = q.shape;
    const [s, e] = [k.shape[1], v.shape[3]];
    const bytes = BYTES[q.dtype];
    const gemm = q.dtype === 'f64' ? kernels.gemm : kernels.sgemm;
    const softmax = q.dtype === 'f64' ? kernels.softmaxRows : kernels.ssoftmaxRows;
    const head = (p: Place, i: number, j: number) => p.pointer + (i * p.strides[0] + j * p.strides[2]) * bytes;
    const block = t * s * bytes;
    const [lq, lk, lv, ly] = [q, k, v, y].map((p) => Math.max(1, p.strides[1], p.shape[3]));
    if (n * h * t * s === 0) return () => {};
    return () => {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < h; j++) {
          const w = weights.pointer + (i * h + j) * block;
          gemm(true, false, s, t, d, scale, head(k, i, j), lk, head(q, i, j), lq, 0, w, s, work);
          softmax(false, t, s, causal ? t : 0, w, w);
          gemm(false, false, e, t, s, 1, head(v, i, j), lv, w, s, 0, head(y, i, j), ly, work);
        }
      }
    };
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
  bind: ({ kernels, x: [q, k, v, weights, g], y: [dq, dk, dv], attrs: { scale }, work }) => {
    const [n, t, h, d] = q.shape;
    const [s, e] = [k.shape[1], v.shape[3]];
    const bytes = BYTES[q.dtype];
    const gemm = q.dtype === 'f64' ? kernels.gemm : kernels.sgemm;
    const back = q.dtype === 'f64' ? kernels.softmaxBackward : kernels.ssoftmaxBackward;
    const head = (p: Place, i: number, j: number) => p.pointer + (i * p.strides[0] + j * p.strides[2]) * bytes;
    const block = t * s * bytes;
    const all = Math.max(
      gemmWorkBytes(s, t, e),
      gemmWorkBytes(e, s, t),
      gemmWorkBytes(d, t, s),
      gemmWorkBytes(d, s, t),
    );
    const ds = work + Math.ceil(all / 64) * 64;
    const [lq, lk, lv, lg, mq, mk, mv] = [q, k, v, g, dq, dk, dv].map((p) => Math.max(1, p.strides[1], p.shape[3]));
    return () => {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < h; j++) {
          const w = weights.pointer + (i * h + j) * block;
          const up = head(g, i, j);
          gemm(false, true, e, s, t, 1, up, lg, w, s, 0, head(dv, i, j), mv, work);
          gemm(true, false, s, t, e, 1, head(v, i, j), lv, up, lg, 0, ds, s, work);
          back(false, t, s, w, ds, ds);
          gemm(false, false, d, t, s, scale, head(k, i, j), lk, ds, s, 0, head(dq, i, j), mq, work);
          gemm(false, true, d, s, t, scale, head(q, i, j), lq, ds, s, 0, head(dk, i, j), mk, work);
        }
      }
    };
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

/** [n, t, h, d] as [n, h, t, d], and back. */
const heads = (o: Calculus, x: Tensor): Tensor => o.permute(x, [0, 2, 1, 3]);

/** 1 where row i of t may see column j of s: the last of s is where the last of t stands. */
function mask(t: number, s: number, like: Tensor): Tensor {
  const values = like.dtype === 'f32' ? new Float32Array(t * s) : new Float64Array(t * s);
  for (let i = 0; i < t; i++) for (let j = 0; j <= Math.min(s - 1, s - t + i); j++) values[i * s + j] = 1;
  return owning(values, like.dtype, [t, s]);
}

/** Each head without gaps along its last axis, and rows that do not overlap. */
function laid(x: Tensor): Tensor {
  const [, t, , d] = x.shape;
  const fits = (x.strides[3] === 1 || d <= 1) && (x.strides[1] >= d || t <= 1);
  return fits || isContiguous(x.shape, x.strides) ? x : packed(x);
}

/** How {@link attend} weighs. */
export interface Weighing extends Kind {
  readonly mask?: Tensor;
}

/** @internal See attention in images.ts. */
export function attend(o: Calculus, q: Tensor, k: Tensor, v: Tensor, { causal, scale, mask: seen }: Weighing): Tensor {
  const all = [q, k, v];
  if (all.some((t) => t.rank !== 4 || t.dtype !== q.dtype || t.dtype === 'i32')) {
    misfit('attention', all, 'q, k and v are [batch, positions, heads, width], of one kind, f32 or f64.');
  }
  if (!sameShape([q.shape[0], q.shape[2], q.shape[3]], [k.shape[0], k.shape[2], k.shape[3]])) {
    misfit(
      'attention',
      all,
      `q and k agree in all but their positions, not as here ${show(q.shape)} and ${show(k.shape)}.`,
    );
  }
  if (!sameShape(k.shape.slice(0, 3), v.shape.slice(0, 3)))
    misfit('attention', all, 'k and v agree in all but their width.');
  if (causal && q.shape[1] > k.shape[1])
    misfit('attention', all, `${q.shape[1]} positions of q cannot end beside ${k.shape[1]} of k.`);
  if (k.shape[1] === 0) misfit('attention', all, 'there must be at least one position to attend to.');
  if (!seen) return apply(attentionOp, all.map(laid), { causal, scale })[0];
  if (seen.dtype !== q.dtype)
    misfit(
      'attention',
      [...all, seen],
      `the mask is ${q.dtype}, as the rest, not ${seen.dtype}; comparisons give such.`,
    );
  const scores = o.mul(o.matmul(heads(o, q), o.permute(k, [0, 2, 3, 1])), scale);
  const open = o.broadcastTo(o.where(seen, 1, 0), scores.shape);
  const allowed = causal ? o.mul(open, mask(q.shape[1], k.shape[1], q)) : open;
  // Who sees nobody gets 0, not what −∞ everywhere would make.
  const counts = o.lessEqual(1, o.sum(allowed, [-1], true));
  const weights = o.softmax(o.where(allowed, scores, o.where(counts, Number.NEGATIVE_INFINITY, 0)));
  return heads(o, o.matmul(o.mul(weights, counts), heads(o, v)));
}
