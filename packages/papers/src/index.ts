import type { Experiment } from './experiment.ts';
import type { PaperRecord } from './record.ts';
import { records } from './records.ts';

export * from './experiment.ts';
export * from './record.ts';
export { records } from './records.ts';
export { search } from './search.ts';

/** The papers that run: their experiments are loaded when asked for. An entry here is what makes a paper run. */
const running: Readonly<Record<number, () => Promise<{ readonly experiments: readonly Experiment[] }>>> = {
  1: () => import('./01-bcd-faster/index.ts'),
  4: () => import('./04-supervised-dictionary-learning/index.ts'),
  5: () => import('./05-transductive-clustering/index.ts'),
  6: () => import('./06-consensus-based-optimization/index.ts'),
  7: () => import('./07-topological-swaps/index.ts'),
  14: () => import('./14-online-orthogonal-dictionary/index.ts'),
  16: () => import('./16-robust-alternating-completion/index.ts'),
  17: () => import('./17-colide/index.ts'),
  50: () => import('./50-stochastic-cca/index.ts'),
};

/** Whether the paper's experiments can be run. */
export const stateOf = (record: PaperRecord): 'runs' | 'not-yet' => (record.number in running ? 'runs' : 'not-yet');

/** The experiments of a paper; none where it does not run yet. */
export async function experimentsOf(number: number): Promise<readonly Experiment[]> {
  return (await running[number]?.())?.experiments ?? [];
}

/** The paper of a number (`1`, `01`), slug (`01-bcd-faster`) or arXiv id (`1712.08859`). */
export function findRecord(text: string): PaperRecord | undefined {
  if (/^\d{1,2}$/.test(text)) return records.find((r) => r.number === Number(text));
  return records.find((r) => r.slug === text || r.arxiv === text);
}
