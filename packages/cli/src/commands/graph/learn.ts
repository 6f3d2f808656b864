import { checkWritable, writeFileAtomic } from '@southwell/data/node';
import { SouthwellError } from '@southwell/numerics/core';
import {
  count,
  duration,
  graphSvg,
  graphWriter,
  type JobProgress,
  type LearnedGraph,
  type LearnRequest,
  number,
} from '@southwell/tasks';
import pc from '../../colours.ts';
import { EXIT, UsageError } from '../../errors.ts';
import { runInWorker } from '../../run-in-worker.ts';
import { endingText, printable, table, wrap } from '../../text.ts';

export interface LearnOptions extends Omit<LearnRequest, 'data'> {
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
  const request: LearnRequest = { ...rest, data };
  const { outcome, end } = await runInWorker<LearnedGraph, JobProgress>(
    new URL('../../graph-worker.js', import.meta.url),
    request,
    {
      quiet: quiet === true,
      progressText: ({ text }) => text,
      stopping: 'Stopping; the graph so far is kept. Ctrl-C again quits at once.',
      stoppedEarly: 'Stopped before there was a graph; nothing was written.',
    },
  );
  try {
    // What cannot be written must not take the result of a long run with it: that is printed all the same.
    const failures: unknown[] = [];
    const write = (path: string | undefined, content: () => string): void => {
      if (path === undefined) return;
      try {
        writeFileAtomic(path, content());
      } catch (error) {
        failures.push(error);
      }
    };
    write(out, () => writer!(outcome));
    write(svg, () => graphSvg(outcome));
    // Methods that end by themselves short of their tolerance have given what they can.
    const stopped = outcome.status === 'aborted' || outcome.status === 'time-limit';
    const exitCode = failures.length > 0 ? EXIT.usage : stopped ? EXIT.stopped : EXIT.done;
    if (json) process.stdout.write(`${JSON.stringify({ southwell: 1, command, ...outcome, exitCode }, null, 2)}\n`);
    else if (!quiet) process.stdout.write(`${learnedText(outcome)}\n`);
    if (!json && !quiet && failures.length === 0) {
      for (const path of [out, svg]) if (path !== undefined) console.log(`Written to ${path}`);
    }
    for (const failure of failures) if (!(failure instanceof SouthwellError)) throw failure;
    if (failures.length > 0) throw new UsageError(failures.map((f) => (f as Error).message).join(' '));
    return exitCode;
  } finally {
    await end();
  }
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
  if (g.bootstrap) lines.push(`Confidence from ${g.bootstrap.done} of ${g.bootstrap.asked} samples with replacement.`);
  lines.push(
    `${endingText(g.status)} after ${count(g.iterations, 'iteration')} in ${duration(g.seconds)}, reading included.`,
  );
  return lines.join('\n');
}
