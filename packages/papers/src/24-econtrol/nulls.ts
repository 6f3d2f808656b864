import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

interface Options {
  readonly method?: string;
  readonly eta?: number;
}
interface Feedback {
  readonly method: string;
  readonly eta: number;
  readonly scheme: object;
}
type FeedbackOf = (options: Options, length: number) => Feedback;
type Step = (
  feedback: Feedback,
  server: { readonly x: Float64Array },
  messages: object,
  stepSize: number,
) => Float64Array;

const settings = { module: 'southwell/distributed-methods/feedback/methods', name: 'feedbackOf' } as const;
const { claims } = record;
const all = claims.map(({ id }) => id);

/** The method under test with other options; the rivals as they are. */
const asked =
  (change: (options: Options) => Options) =>
  (original: FeedbackOf): FeedbackOf =>
  (options, length) =>
    original((options.method ?? 'econtrol') === 'econtrol' ? change(options) : options, length);

export default nulls(record, [
  {
    id: 'no-step',
    says: 'with the start as the answer',
    kinds: ['nothing'],
    claims: all,
    module: 'southwell/distributed-methods/feedback/steps',
    name: 'stepOfServer',
    by:
      (original: Step): Step =>
      (feedback, server, messages, stepSize) =>
        original(feedback, server, messages, feedback.method === 'econtrol' ? 0 : stepSize),
  },
  {
    id: 'plain-feedback',
    says: 'with plain error feedback in its place',
    kinds: ['baseline'],
    claims: ['rounds', 'noise-floor', 'damping'],
    ...settings,
    by: asked((options) => ({ ...options, method: 'ec' })),
  },
  {
    id: 'compressed-gradients',
    says: 'with compressed gradients without any memory in its place',
    kinds: ['baseline'],
    claims: ['digits'],
    ...settings,
    by: asked((options) => ({ ...options, method: 'csgd' })),
  },
  {
    id: 'no-estimates',
    says: 'with gradients in place of differences to an estimate',
    kinds: ['ingredient'],
    claims: ['rounds'],
    ...settings,
    by:
      (original: FeedbackOf): FeedbackOf =>
      (options, length) => {
        const feedback = original(options, length);
        if (feedback.method !== 'econtrol') return feedback;
        return { ...feedback, scheme: { ...feedback.scheme, estimate: 'none' } };
      },
  },
  {
    id: 'no-feedback',
    says: 'without feedback of errors',
    kinds: ['ingredient'],
    claims: ['noise-floor', 'digits'],
    ...settings,
    by: asked((options) => ({ ...options, eta: 0 })),
  },
  {
    id: 'all-of-the-error',
    says: 'with all of the error fed back',
    kinds: ['ingredient'],
    claims: ['damping'],
    ...settings,
    by: asked((options) => ({ ...options, eta: 1 })),
  },
]);
