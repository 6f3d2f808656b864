import type { SequenceTuner, TunerOptions } from 'southwell/linear-systems';
import { nulls } from '../verdicts/nulls.ts';
import type { Tuning } from './lab.ts';
import { record } from './record.ts';

const replaced = { module: 'papers/11-learned-sor/lab', name: 'libraryTuning' } as const;

/** A rule for the index of the next arm, from the mean cost of each arm and how often each was played. */
const rule =
  (next: (means: Float64Array, plays: Int32Array) => number) =>
  ({ arms }: TunerOptions): ReturnType<Tuning> => {
    const [means, plays] = [new Float64Array(arms.length), new Int32Array(arms.length)];
    let index = 0;
    return {
      choose() {
        index = next(means, plays);
        return { value: arms[index], index, probability: 1 };
      },
      report(cost) {
        means[index] += (cost - means[index]) / ++plays[index];
      },
    } as Pick<SequenceTuner, 'choose' | 'report'>;
  };

export default nulls(record, [
  {
    id: 'middle-arm',
    says: 'with the middle of the grid throughout',
    kinds: ['nothing'],
    claims: ['near-best-fixed', 'context', 'heat'],
    ...replaced,
    by: (): Tuning => rule((means) => means.length >> 1),
  },
  {
    id: 'follow-the-leader',
    says: 'with the arm of the least mean cost so far',
    kinds: ['baseline'],
    claims: ['near-best-fixed'],
    ...replaced,
    by: (): Tuning =>
      rule((means, plays) => {
        const untried = plays.indexOf(0);
        return untried >= 0 ? untried : means.indexOf(Math.min(...means));
      }),
  },
  {
    id: 'no-context',
    says: 'with a learner that does not see the context',
    kinds: ['baseline'],
    claims: ['context', 'heat'],
    ...replaced,
    by:
      (original: Tuning): Tuning =>
      ({ arms, seed }) =>
        original({ arms, seed }),
  },
  {
    id: 'even-odds',
    says: 'with the same odds for every arm, whatever it cost',
    kinds: ['ingredient'],
    claims: ['near-best-fixed'],
    module: 'southwell/linear-systems/tuning/tsallisWeights',
    name: 'tsallisWeights',
    by: () => (losses: Float64Array) => losses.map(() => 1 / losses.length),
  },
  {
    id: 'flat-curves',
    says: 'with one cost for each arm, the same in every context',
    kinds: ['ingredient'],
    claims: ['context', 'heat'],
    module: 'southwell/linear-systems/tuning/chebyshev',
    name: 'chebyshev',
    by: () => (_: number, terms: number) => Float64Array.from({ length: terms }, (__, j) => (j === 0 ? 1 : 0)),
  },
]);
