import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

interface Options {
  readonly mapping?: string;
  readonly values?: boolean;
  readonly groups?: number;
  readonly order?: string;
}
type Iterates = (model: object, batches: readonly object[], options: Options) => Generator<object>;
type Rules = Readonly<Record<'proximal' | 'soft' | 'linear', unknown>>;
interface Moments {
  readonly logits: Float32Array;
  readonly first: Float32Array;
}
type Move = (
  moments: Moments,
  weight: number,
  derivatives: Float64Array,
  size: Readonly<Record<string, number>>,
) => void;

const method = { module: 'southwell/compression/learned/compress', name: 'compressToCodebooksIterates' } as const;
const rules = { module: 'southwell/compression/learned/rules', name: 'mappingRules' } as const;

/** The method with other options. */
const asked =
  (change: (options: Options) => Options) =>
  (original: Iterates): Iterates =>
  (model, batches, options) =>
    original(model, batches, { ...options, ...change(options) });

export default nulls(record, [
  {
    id: 'nothing-learned',
    says: 'with nothing learned, and the codes of k-means',
    kinds: ['nothing'],
    claims: ['gradient-rule', 'fair-start', 'two-bits', 'fashion', 'prefix'],
    ...method,
    by: asked(() => ({ mapping: 'none', values: false })),
  },
  {
    id: 'values-alone',
    says: 'with the values of the codebooks learned alone',
    kinds: ['baseline', 'ingredient'],
    claims: ['two-bits', 'fashion'],
    ...method,
    by: asked(() => ({ mapping: 'none' })),
  },
  {
    id: 'no-indices',
    says: 'with the values of the codebooks learned alone',
    kinds: ['baseline'],
    claims: ['gradient-rule'],
    ...method,
    by: asked(() => ({ mapping: 'none' })),
  },
  {
    id: 'linear-rule',
    says: 'with the linear rule in place of the proximal one',
    kinds: ['ingredient'],
    claims: ['gradient-rule'],
    ...rules,
    by: (original: Rules): Rules => ({ ...original, proximal: original.linear }),
  },
  {
    id: 'moment-a-logit',
    says: 'with a second moment for each logit',
    kinds: ['ingredient'],
    claims: ['gradient-rule'],
    module: 'southwell/compression/learned/rules',
    name: 'moveLogits',
    by: (): Move => {
      const second = new WeakMap<object, Float32Array>();
      return (moments, weight, derivatives, { rate, one, two }) => {
        const { logits, first } = moments;
        const squares = second.get(moments) ?? new Float32Array(logits.length);
        second.set(moments, squares);
        const k = derivatives.length;
        for (let m = 0, at = weight * k; m < k; m++, at++) {
          first[at] += 0.1 * (derivatives[m] - first[at]);
          squares[at] += 0.001 * (derivatives[m] ** 2 - squares[at]);
          logits[at] -= (rate * first[at]) / one / (Math.sqrt(squares[at] / two) + 1e-8);
        }
      };
    },
  },
  {
    id: 'proximal-values-alone',
    says: 'with the values learned alone in place of the proximal rule',
    kinds: ['unequal'],
    claims: ['fair-start'],
    ...method,
    by: asked(({ mapping }) => (mapping === 'proximal' ? { mapping: 'none' } : {})),
  },
  {
    id: 'index-start',
    says: 'with logits that do not know distances',
    kinds: ['ingredient'],
    claims: ['fair-start'],
    ...method,
    by:
      (original: Iterates): Iterates =>
      (model, batches, options) =>
        original(model, batches, { ...options, start: 'index' } as Options),
  },
  {
    id: 'dense-inputs',
    says: 'with inputs of the dense network in any case',
    kinds: ['baseline', 'ingredient'],
    claims: ['prefix'],
    ...method,
    by:
      (original: Iterates): Iterates =>
      (model, batches, options) =>
        original(model, batches, { ...options, inputs: 'dense' } as Options),
  },
  {
    id: 'one-group',
    says: 'with one group in place of those by spread',
    kinds: ['nothing'],
    claims: ['groups'],
    ...method,
    by: asked(({ order }) => (order === 'given' ? {} : { groups: 1 })),
  },
  {
    id: 'given-order',
    says: 'with groups of neurons as they are',
    kinds: ['baseline', 'ingredient'],
    claims: ['groups'],
    ...method,
    by: asked(() => ({ order: 'given' })),
  },
]);
