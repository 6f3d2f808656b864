import { type SoftmaxPrecision, stableMaxCrossEntropy } from '@southwell/autodiff';
import { experiment } from '../../define.ts';
import { type Cell, type Parameter, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  accuracies,
  adam,
  addition,
  type Course,
  crossEntropyAt,
  curve,
  drawSeed,
  type Look,
  type Loss,
  looks,
  training,
} from '../lab.ts';
import { record } from '../record.ts';

const epochs: Parameter = {
  name: 'epochs',
  title: 'Epochs with StableMax',
  default: { quick: 2500, full: 45_000 },
  min: 100,
  max: 1_000_000,
  integer: true,
};
/** Number of epochs of the runs in all precisions, at which test accuracies are compared. */
const COMPARED = 10_000;

/** The loss under test; with a precision it is a softmax. */
export interface Tried {
  readonly loss: Loss;
  readonly precision?: SoftmaxPrecision;
}

/** StableMax for many epochs; at full size compared with cross-entropy. */
export default experiment(record, {
  id: 'stablemax',
  title: 'StableMax in the place of softmax',
  axes: { x: 'epoch', y: 'share', logY: false, logX: true },
  parameters: [epochs],
  claims: ['stablemax'],
  method: { loss: stableMaxCrossEntropy } as Tried,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const length = parameterValue(epochs, context);
    const compared = Math.min(COMPARED, length);
    const subject = addition(31, 0.8, 128, drawSeed(context, 0));
    const looksAt = (epoch: number) => looks(50)(epoch) || epoch === compared;
    const slow = () => adam(2e-3, 0.99, 1e-30);
    const fast = () => adam(0.01, 0.999, 1e-30);
    const at = (precision: SoftmaxPrecision) => ({ loss: crossEntropyAt(precision), precision });
    type Planned = Omit<Course, 'looksAt'>;
    const courses: Record<string, Planned> = full
      ? {
          StableMax: { ...method, optimiser: fast(), epochs: length },
          '32 bits, the same rate': { ...at('f32'), optimiser: fast(), epochs: length },
          '16 bits': { ...at('f16'), optimiser: slow(), epochs: compared },
          '32 bits': { ...at('f32'), optimiser: slow(), epochs: compared },
          '64 bits': { ...at('f64'), optimiser: slow(), epochs: compared },
        }
      : { StableMax: { ...method, optimiser: slow(), epochs: length } };
    const found: Record<string, Look[]> = {};
    const total = Object.values(courses).reduce((sum, course) => sum + course.epochs, 0);
    let done = 0;
    for (const [name, course] of Object.entries(courses)) {
      const own: Look[] = [];
      found[name] = own;
      for await (const look of training(subject, { ...course, looksAt }, pause)) {
        own.push(look);
        if (own.length % 10 > 0) continue;
        yield { kind: 'progress', label: name, fraction: (done + look.epoch) / total };
      }
      done += course.epochs;
      yield* accuracies('Accuracy', name, own);
      yield curve('Share that has collapsed', name, own, (look) => look.collapsed);
    }
    const testAt = (name: string, epoch: number) => found[name].find((look) => look.epoch === epoch)!.test;
    // Long after the rule has been learned, its probabilities round to 1 in single precision; the loss is computed in
    // double precision.
    const shares = found.StableMax.map((look) => (full ? look.collapsedInDouble : undefined) ?? look.collapsed);
    const collapsed = Math.max(...shares);
    if (full) {
      const [, control, ...others] = Object.keys(courses);
      const learned = testAt('StableMax', compared);
      yield decide('stablemax', {
        ...{ collapsed, learned, end: testAt('StableMax', length), control: testAt(control, length) },
        ahead: [control, ...others].map((name) => ({
          ...{ label: name, value: learned, reference: testAt(name, compared) },
        })),
      });
    } else yield decide('stablemax', { collapsed });
    const columns = ['loss', 'epochs', 'training', 'test', 'largest share collapsed', 'value of the loss'];
    const rows: Cell[][] = Object.entries(found).map(([name, own]) => {
      const { epoch, train, test, loss } = own[own.length - 1];
      return [name, epoch, train, test, Math.max(...own.map((look) => look.collapsed)), loss];
    });
    yield { kind: 'table', title: 'How runs ended', columns, rows };
  },
});
