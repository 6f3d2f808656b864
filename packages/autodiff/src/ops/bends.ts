import { apply } from '../op.ts';
import { type Binding, defineOp, type Op, type TensorCall } from '../primitive.ts';
import { inTurn, shared } from '../programs/sharing.ts';
import { BYTES, type Tensor } from '../tensor.ts';
import { elementwise } from './dependence.ts';
import { broadcastTo } from './views.ts';

/**
 * What becomes of numbers below 0: with kind 0 alpha·x; with 1 gain·alpha·(eˣ − 1) and with 2 that of x/scale, beside
 * gain·x above.
 */
interface Bend {
  readonly kind: 0 | 1 | 2;
  readonly alpha: number;
  readonly scale: number;
  readonly gain: number;
}

/** Nanoseconds per element of a line and of an exponential. */
const TIMES = [0.3, 1.5, 1.5];

/** Binds a kernel to operands and a result of the same size. */
function bindBend(
  binding: Binding<Bend>,
  call: (n: number, pointers: readonly number[], work: number, single: boolean) => TensorCall,
): () => void {
  const [y] = binding.y;
  const bytes = BYTES[y.dtype];
  const part = (from: number, to: number, work: number): TensorCall[] => [
    call(
      to - from,
      [...binding.x, y].map((p) => p.pointer + bytes * from),
      work,
      y.dtype === 'f32',
    ),
  ];
  const time = (y.size * TIMES[binding.attrs.kind] * bytes) / 4;
  return shared(binding, y.size, time, part, 16) ?? inTurn(binding.kernels, part(0, y.size, binding.work));
}

const bendOp: Op<Bend> = defineOp<Bend>({
  name: 'bend',
  inPlace: [0],
  batch: 'elementwise',
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  work: () => 32,
  bind: (binding) => {
    const { kind, alpha, scale, gain } = binding.attrs;
    return bindBend(binding, (n, [x, y], work, single) => [
      single ? 'sbendElements' : 'bendElements',
      ...([kind, n, alpha, scale, gain, x, y, work] as const),
    ]);
  },
  vjp: ({ x: [x], g: [g], attrs }) => [g && apply(bendBack, [x, g], attrs)[0]],
});

const bendBack: Op<Bend> = defineOp<Bend>({
  name: 'bend’s derivative',
  inPlace: [0, 1],
  depends: elementwise,
  batch: ({ x, mapped, size, apply: again }) =>
    again(x.map((t, i) => (mapped[i] ? t : broadcastTo(t, [size, ...t.shape])))),
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  work: () => 32,
  bind: (binding) => {
    const { kind, alpha, scale, gain } = binding.attrs;
    return bindBend(binding, (n, [x, g, y], work, single) => [
      single ? 'sbendBackward' : 'bendBackward',
      ...([kind, n, alpha, scale, gain, x, g, y, work] as const),
    ]);
  },
  vjp: ({ o, x: [x], y: [y], g: [g], attrs, needs }) => {
    if (!g) return [];
    // The exponential is its own derivative, but for the scale.
    const curved = needs[0] && attrs.kind > 0;
    const slope = () => o.where(o.less(0, x), 0, o.div(y, attrs.scale));
    return [curved ? o.mul(g, slope()) : undefined, needs[1] ? apply(bendBack, [x, g], attrs)[0] : undefined];
  },
});

/** @internal x where it is positive, else slope·x. */
export const bentLine = (x: Tensor, slope: number): Tensor =>
  apply(bendOp, [x], { kind: 0, alpha: slope, scale: 1, gain: 1 })[0];

/** @internal gain·x where x is positive, else gain·alpha·(e^(x/scale) − 1). */
export const bentExponential = (x: Tensor, alpha: number, scale: number, gain: number): Tensor =>
  apply(bendOp, [x], { kind: scale === 1 ? 1 : 2, alpha, scale, gain })[0];
