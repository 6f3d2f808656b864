// Results as a table, as JSON and as a page with bars.
import { geometricMean, type Measurement } from '../document.ts';
import { escaped, page } from '../results.ts';
import type { Paired, Result, TaskResult } from './harness.ts';

export interface Row {
  readonly task: string;
  /** CPU seconds. */
  readonly ours: number | null;
  readonly peers: Readonly<Record<string, number>>;
  readonly bestPeer: string | null;
  /** ours / best peer: below 1 southwell is faster. */
  readonly ratio: number | null;
  /** The same for wall seconds, with each contender's own best. */
  readonly wallRatio: number | null;
  /** CPU seconds with an accelerator library for dense products, relative to the best peer's; null if not run. */
  readonly acceleratedRatio: number | null;
}

export interface Summary {
  readonly tasks: readonly (Row & {
    readonly shape: string;
    readonly details: readonly Result[];
    readonly paired?: Paired;
  })[];
  readonly geomean: number | null;
  readonly wallGeomean: number | null;
  /** Over the tasks that were run with it. */
  readonly acceleratedGeomean: number | null;
}

export function summarise(results: readonly TaskResult[]): Summary {
  const tasks = results.map(({ task, shape, ours, accelerated, peers, paired }) => {
    const timed = peers.filter((peer) => peer.cpu !== undefined);
    const least = (of: 'cpu' | 'wall') => [...timed].sort((a, b) => a[of]! - b[of]!)[0];
    const best = least('cpu');
    const ratio = (of: 'cpu' | 'wall', mine: Result | undefined = ours) =>
      best && mine?.[of] !== undefined ? mine[of] / Math.max(least(of)[of]!, 1e-6) : null;
    return {
      task,
      ours: ours.cpu ?? null,
      peers: Object.fromEntries(timed.map((peer) => [peer.contender, peer.cpu!])),
      bestPeer: best?.contender ?? null,
      ratio: ratio('cpu'),
      wallRatio: ratio('wall'),
      acceleratedRatio: accelerated ? ratio('cpu', accelerated) : null,
      shape,
      paired,
      details: [ours, ...(accelerated ? [accelerated] : []), ...peers],
    };
  });
  return {
    tasks,
    geomean: geometricMean(tasks.map((t) => t.ratio)),
    wallGeomean: geometricMean(tasks.map((t) => t.wallRatio)),
    acceleratedGeomean: geometricMean(tasks.map((t) => t.acceleratedRatio)),
  };
}

/** The tasks in the format common to all benchmarks. */
export const measurements = (summary: Summary): Measurement[] =>
  summary.tasks.map(({ task, ours, peers, bestPeer, ratio, ...more }) => {
    const peak = (name: string | null) => more.details.find(({ contender }) => contender === name)?.peak;
    const memoryRatio = (peak('southwell') ?? Number.NaN) / (peak(bestPeer) ?? Number.NaN);
    const peer = bestPeer === null ? null : peers[bestPeer];
    return { name: task, ours, peer, peerName: bestPeer, ratio, memoryRatio, peers, ...more };
  });

/** Tasks by ratio, the slowest first; those without one last. */
const slowestFirst = (summary: Summary) => [...summary.tasks].sort((a, b) => (b.ratio ?? -1) - (a.ratio ?? -1));

const time = (s: number | null | undefined) =>
  s === null || s === undefined ? '–' : s >= 100 ? s.toFixed(0) : s.toPrecision(3);
const factor = (r: number | null) => (r === null ? '–' : r.toPrecision(3));

/** A Markdown table, slowest first: CPU seconds, ratios, peak memory. */
export function table(summary: Summary): string {
  const names = [...new Set(summary.tasks.flatMap((t) => t.details.slice(1).map((d) => d.contender)))];
  const paired = summary.tasks.some((t) => t.paired);
  const accelerated = summary.tasks.some((t) => t.acceleratedRatio !== null);
  const head = [
    'task',
    'southwell',
    ...names,
    'best peer',
    'ratio',
    ...(paired ? ['in pairs'] : []),
    ...(accelerated ? ['OpenBLAS ratio'] : []),
    'wall ratio',
    'MB',
    'its MB',
  ];
  const rows = slowestFirst(summary).map((t) => {
    const peak = (name: string | null) => t.details.find((d) => d.contender === name)?.peak?.toFixed(0) ?? '–';
    const cell = (name: string) => {
      const found = t.details.find((d) => d.contender === name);
      return !found ? '' : found.cpu === undefined ? '✗' : time(found.cpu);
    };
    const best = t.bestPeer ?? '–';
    const ours = cell('southwell');
    const pairs = t.paired ? `${factor(t.paired.low)}–${factor(t.paired.high)}` : '–';
    const blas = accelerated ? [factor(t.acceleratedRatio)] : [];
    const ratios = [factor(t.ratio), ...(paired ? [pairs] : []), ...blas, factor(t.wallRatio)];
    const mark = [t.task, ours, ...names.map(cell), best, ...ratios];
    return [...mark, peak('southwell'), peak(t.bestPeer)];
  });
  const widths = head.map((_, j) => Math.max(...[head, ...rows].map((row) => row[j].length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((c, j) => (j === 0 ? c.padEnd(widths[j]) : c.padStart(widths[j]))).join(' | ')} |`;
  const rule = `| ${widths.map((w, j) => (j === 0 ? '-'.repeat(w) : `${'-'.repeat(w - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** One sentence for each contender that has no time. */
export function failures(summary: Summary): string[] {
  return summary.tasks.flatMap((t) =>
    t.details.filter((d) => d.failure).map((d) => `${t.task}: ${d.contender}: ${d.failure}`),
  );
}

/** A page: bars of ours / best peer by task on a logarithmic axis, in light and dark. */
export function ratiosPage(summary: Summary, notes: readonly string[]): string {
  const rows = slowestFirst(summary).filter((t) => t.ratio !== null);
  const logs = rows.map((t) => Math.log10(t.ratio!));
  const low = Math.floor(Math.min(-1, ...logs));
  const high = Math.ceil(Math.max(1, ...logs));
  const [left, width, step, top] = [190, 560, 24, 36];
  const x = (log: number) => left + ((log - low) / (high - low)) * width;
  const height = top + rows.length * step + 10;
  const grid = Array.from({ length: high - low + 1 }, (_, k) => low + k).map(
    (e) =>
      `<line class="${e === 0 ? 'one' : 'grid'}" x1="${x(e)}" x2="${x(e)}" y1="${top - 8}" y2="${height - 8}"/>` +
      `<text x="${x(e)}" y="${top - 14}" text-anchor="middle">${e < 0 ? 1 / 10 ** -e : 10 ** e}</text>`,
  );
  const bars = rows.map((t, k) => {
    const y = top + k * step;
    const [from, to] = [x(0), x(logs[k])];
    const label = `${t.ratio!.toPrecision(2)} × ${t.bestPeer}`;
    const after = to >= from;
    return (
      `<text x="${left - 10}" y="${y + 14}" text-anchor="end">${escaped(t.task)}</text>` +
      `<rect class="${after ? 'slower' : 'faster'}" x="${Math.min(from, to)}" y="${y + 3}" width="${Math.max(1, Math.abs(to - from))}" height="${step - 8}">` +
      `<title>${escaped(`${t.task}: southwell ${time(t.ours)} s, ${t.bestPeer} ${time(t.peers[t.bestPeer!])} s`)}</title></rect>` +
      `<text x="${Math.max(from, to) + 6}" y="${y + 14}">${escaped(label)}</text>`
    );
  });
  return page(
    'southwell against its peers: linear models',
    `<p>CPU seconds of southwell over those of the fastest peer, at the same certified duality gap, one thread each; the axis is
logarithmic. Left of 1 southwell is the faster. Geometric mean: ${factor(summary.geomean)}.</p>
<svg viewBox="0 0 ${left + width + 170} ${height}" role="img" aria-label="Ratios by task">${grid.join('')}${bars.join('')}</svg>
${notes.map((note) => `<p>${escaped(note)}</p>`).join('\n')}`,
  );
}
