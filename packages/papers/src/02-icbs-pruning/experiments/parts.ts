import type { DenseMatrix } from '@southwell/numerics/arrays';
import { minimizeBinaryQuadratic, type PruneIterativeOptions } from 'southwell/compression';
import { experiment } from '../../define.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { pauses } from '../../pauses.ts';
import { type Emit, streamed } from '../../streamed.ts';
import { type Judged, networkSeeds, type Pruned, perceptron, pruned } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { 'interactions-matter': claim } = locked.claims;
const DENSITY = 0.1;
const LOSS = 'Training loss without a part of the method';

/** Q without its entries up to 1e-12, as the official code cuts them off, which takes those below zero as well. */
function cut(Q: DenseMatrix): DenseMatrix {
  const { data } = Q;
  for (let i = 0; i < data.length; i++) if (data[i] <= CUT) data[i] = 0;
  return Q;
}
const CUT = 1e-12;

/** The method, and the method without one of its parts. */
const variants = {
  iCBS: {},
  'diagonal of Q': { curvature: 'diagonal' },
  'blocks at random': { select: 'random' },
  'no tabu list': { tabu: 0 },
  'no entries below zero': { solve: (Q, k, how) => minimizeBinaryQuadratic(cut(Q), k, how) },
  'with acceptance': { accept: 'lower' },
  'diagonal, with acceptance': { curvature: 'diagonal', accept: 'lower' },
} as const satisfies Readonly<Record<string, PruneIterativeOptions>>;
type Variant = keyof typeof variants;
const WHOLE = 'iCBS';
/** Those that only full runs have bars for. */
const slow: readonly string[] = ['with acceptance', 'diagonal, with acceptance'];

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** iCBS without one or the other of its parts, on networks that read digits. */
export default experiment(record, {
  id: 'parts',
  title: 'Digits: what the parts of the method contribute',
  panels: [
    {
      title: LOSS,
      x: { label: 'steps of 1024 examples' },
      y: { label: 'training loss at density 0.1', log: true },
      series: Object.keys(variants),
      control: WHOLE,
    },
  ],
  claims: ['interactions-matter', 'signs', 'two-ends', 'tabu'],
  method: pruned,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const { networks, steps, hidden, epochs, densities: _, ...blocks } = claim.sizes[context.size];
    const images = await digitSet();
    const used = Object.entries(variants).filter(([name]) => full || !slow.includes(name));
    const found = new Map<string, Judged[]>(used.map(([name]) => [name, []]));
    const rows: Array<Array<string | number>> = [];
    for (const [k, seed] of networkSeeds(context.seed, networks).entries()) {
      const once = async (emit: Emit): Promise<void> => {
        const subject = await perceptron(images, { hidden, epochs }, seed, pause);
        for (const [series, options] of used) {
          let last: Judged | undefined;
          const each = async (step: number, now: Pruned) => {
            last = await subject.judge(now.parameters, true, pause);
            if (k === 0) emit({ kind: 'points', panel: LOSS, series, x: [step], y: [last.loss] });
          };
          const look = { every: full ? 10 : 5, each };
          await method(subject, blocks, { density: DENSITY, steps, ...options }, look, pause);
          found.get(series)!.push(last!);
          rows.push([k + 1, series, last!.loss, last!.score]);
        }
      };
      yield { kind: 'progress', label: `network ${k + 1}`, fraction: k / networks };
      yield* streamed(once);
    }
    const loss = (name: Variant): number => meanOf(found.get(name)!.map((one) => one.loss));
    yield decide('interactions-matter', {
      free: loss('diagonal of Q') / loss(WHOLE),
      ...(full && { tested: loss('diagonal, with acceptance') / loss('with acceptance') }),
    });
    yield decide('signs', { cut: loss('no entries below zero') / loss(WHOLE) });
    yield decide('two-ends', { random: loss('blocks at random') / loss(WHOLE) });
    yield decide('tabu', { without: loss('no tabu list') / loss(WHOLE) });
    const columns = ['network', 'method', 'training loss', 'test accuracy'];
    yield { kind: 'table', title: 'Networks after pruning at density 0.1', columns, rows };
  },
});
