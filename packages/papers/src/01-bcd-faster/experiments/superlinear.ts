import { experiment } from '../../define.ts';
import { libraryMethod, supportOf, TARGET, testProblem } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** Bar 9 of the study: the error after identification. */
export default experiment(record, {
  id: 'superlinear',
  title: 'Superlinear convergence after identification',
  panels: [
    {
      title: 'A, λ = 50000, x ≥ 0',
      x: { label: 'iterations' },
      y: { label: 'F − F*', log: true },
      series: ['PN, support+{entering}'],
    },
  ],
  claims: ['superlinear-tail'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const test = testProblem('A-NN', context);
    const { entering, steps } = locked.claims['superlinear-tail'].sizes[context.size];
    const expected = supportOf(test.minimiser!).join();
    const gaps: number[] = [];
    let identified = Number.POSITIVE_INFINITY;
    for (const it of method(test.problem, {
      penalty: test.penalty,
      blockSize: `support+${entering}`,
      update: 'proximalNewton',
    })) {
      gaps.push(test.gap(it.x));
      if (supportOf(it.x).join() !== expected) identified = Number.POSITIVE_INFINITY;
      else if (!Number.isFinite(identified)) identified = it.iteration;
      if (it.iteration >= steps || it.iteration > identified + 2) break;
      context.signal?.throwIfAborted();
    }
    yield {
      kind: 'points',
      panel: 'A, λ = 50000, x ≥ 0',
      series: `PN, support+${entering}`,
      x: gaps.map((_, k) => k),
      y: gaps,
    };
    yield {
      kind: 'table',
      title: `F − F*; the support is that of x* from step ${identified} on`,
      columns: ['step', 'F − F*'],
      rows: gaps.map((gap, k) => [k, gap]),
    };
    // Without identification there is no error after it.
    let ratio = Number.POSITIVE_INFINITY;
    if (Number.isFinite(identified)) {
      const [before, after] = [gaps[identified], gaps[identified + 1] ?? 0];
      ratio = before < TARGET ? 0 : after / before;
    }
    yield decide('superlinear-tail', { ratio: { label: identified, value: ratio } });
  },
});
