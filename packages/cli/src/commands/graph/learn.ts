import { checkWritable } from '@southwell/data/node';
import { count, duration, graphSvg, graphWriter, type LearnedGraph, type LearnRequest, number } from '@southwell/tasks';
import type { CheckpointRequest } from '../../checkpoint-file.ts';
import pc from '../../colours.ts';
import { UsageError } from '../../errors.ts';
import { runTableJob, type TableFile } from '../../table-job.ts';
import { endingText, printable, table, wrap } from '../../text.ts';

export interface LearnOptions extends Omit<LearnRequest, 'data'>, CheckpointRequest {
  readonly out?: string;
  readonly svg?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The graph learn command: gives the exit code. */
export async function learnCommand(data: string, options: LearnOptions, command: string): Promise<number> {
  const { out, svg, json, quiet, ...rest } = options;
  if (options.method === 'topo' && options.score === 'gaussian' && options.lambda !== undefined) {
    throw new UsageError('--lambda does not go with --method topo, which has no penalty but with other scores.');
  }
  if (options.method !== 'colide' && options.method !== 'golem' && options.variance !== undefined) {
    throw new UsageError(`--variance does not go with --method ${options.method}, but with colide and golem.`);
  }
  // Before a long run rather than after it.
  const writer = out === undefined ? undefined : graphWriter(out);
  for (const path of [out, svg]) if (path !== undefined) checkWritable(path);
  const text = new TextEncoder();
  const files: Array<TableFile<LearnedGraph>> = [];
  if (writer) files.push({ path: out!, bytes: (g) => text.encode(writer(g)) });
  if (svg !== undefined) files.push({ path: svg, bytes: (g) => text.encode(graphSvg(g)) });
  return runTableJob<LearnedGraph>(
    new URL('../../graph-worker.js', import.meta.url),
    { ...rest, data },
    {
      quiet,
      json,
      files,
      kept: 'the graph so far is',
      none: 'was a graph',
      document: (g) => ({ command, ...g }),
      text: learnedText,
    },
  );
}

function learnedText(g: LearnedGraph): string {
  const confident = g.edges.some((e) => e.confidence !== undefined);
  const lines = [
    '',
    wrap(`${g.data.name}: ${count(g.data.rows, 'row')}, ${count(g.nodes.length, 'column')}`),
    ...g.data.notes.slice(0, 5).map((note) => pc.dim(wrap(printable(note), '  '))),
    ...g.warnings.map((warning) => pc.yellow(wrap(`Warning: ${printable(warning)}`, '  '))),
    '',
    pc.bold(
      wrap(
        `${count(g.edges.length, 'edge')} between ${count(g.nodes.length, 'variable')} by ${g.method}${g.lambda === undefined ? '' : `, lambda ${number(g.lambda)}`}; weights up to ${number(g.threshold)} left out.`,
      ),
    ),
  ];
  if (g.edges.length > 0) {
    const columns = [
      { title: 'from' },
      { title: 'to' },
      { title: 'weight', align: 'right' },
      ...(confident ? [{ title: 'confidence', align: 'right' } as const] : []),
    ] as const;
    const rows = g.edges.map((e) => [
      e.from,
      e.to,
      number(e.weight),
      ...(confident ? [(e.confidence ?? 0).toFixed(2)] : []),
    ]);
    lines.push('', table(columns, rows));
  }
  lines.push('', wrap(`Causes first: ${g.order.map(printable).join(', ')}`));
  if (g.bootstrap) {
    const { done, asked, finished } = g.bootstrap;
    const others = finished < done ? `; ${done - finished} of their fits did not end as they should` : '';
    lines.push(wrap(`Confidence from ${done} of ${asked} samples with replacement${others}.`));
  }
  lines.push(
    `${endingText(g.status)} after ${count(g.iterations, 'iteration')} in ${duration(g.seconds)}, reading included.`,
  );
  for (const said of [g.error, g.next]) if (said !== undefined) lines.push(wrap(printable(said)));
  return lines.join('\n');
}
