import type { NetworkFacts, TensorFacts } from '@southwell/autodiff/nn';
import { bytesText, grouped, networkWords, number, remarksOn, shapeText } from '@southwell/tasks';
import type { JobRequest } from '../carriers/carrier.ts';
import { carrierAt } from '../carriers/choose.ts';
import { EXIT } from '../errors.ts';
import pc from '../terminal/colours.ts';
import { printable, table, wrap } from '../text.ts';

interface Shown {
  readonly json?: boolean;
  readonly all?: boolean;
}

/** `southwell inspect` of a network of others. */
export async function inspectNetwork(data: string, options: Shown): Promise<number> {
  const carrier = await carrierAt(undefined);
  const { outcome, end } = await carrier<NetworkFacts>({ job: 'network', asked: { data } } as JobRequest, {
    quiet: options.json === true,
    stopping: 'Stopping.',
    stoppedEarly: 'Stopped before the end; nothing was written.',
  });
  if (options.json)
    process.stdout.write(`${JSON.stringify({ southwell: 1, name: data, ...outcome, exitCode: 0 }, null, 2)}\n`);
  else process.stdout.write(`${networkText(data, outcome, options.all === true)}\n`);
  await end();
  return EXIT.done;
}

/** A line on rows beyond a limit. */
export const more = (n: number, limit: number): string[] =>
  n > limit ? [pc.dim(`  … and ${n - limit} more (--all shows them)`)] : [];

/** The table of a network's arrays. */
export function arraysText(tensors: readonly TensorFacts[], limit: number): string[] {
  const sizes = table(
    [
      { title: 'array' },
      { title: 'type' },
      { title: 'shape' },
      { title: 'bytes', align: 'right' },
      { title: 'largest σ', align: 'right' },
      { title: 'rank', align: 'right' },
      { title: 'remarks' },
    ],
    tensors
      .slice(0, limit)
      .map((t) => [
        ...[t.name, t.type, shapeText(t.shape), t.bytes === undefined ? '' : bytesText(t.bytes)],
        ...[t.largestSingular === undefined ? '' : number(t.largestSingular, 4)],
        ...[t.stableRank === undefined ? '' : number(t.stableRank, 3), remarksOn(t)],
      ]),
  );
  const ranked = tensors.some((t) => t.stableRank !== undefined);
  return [
    sizes,
    ...more(tensors.length, limit),
    ...(ranked ? [pc.dim('  rank: the sum of squares of the singular values σ over that of the largest')] : []),
  ];
}

function networkText(path: string, facts: NetworkFacts, all: boolean): string {
  const { nodes, tensors } = facts;
  const limit = all ? Number.POSITIVE_INFINITY : 60;
  const words = networkWords(facts);
  const lines = [
    pc.bold(printable(`${path}: ${words.size}`)),
    ...[`inputs: ${words.inputs}`, `outputs: ${words.outputs}`, ...words.notes].map((text) => wrap(printable(text))),
    '',
    table(
      [
        { title: 'layer' },
        { title: 'operator' },
        { title: 'output' },
        { title: 'numbers', align: 'right' },
        { title: 'bytes', align: 'right' },
      ],
      nodes
        .slice(0, limit)
        .map((node) => [
          node.name || '–',
          node.op,
          shapeText(node.shape),
          node.numbers > 0 ? grouped(node.numbers) : '',
          node.numbers > 0 ? bytesText(node.bytes) : '',
        ]),
    ),
  ];
  lines.push(...more(nodes.length, limit));
  if (tensors.length === 0) return lines.join('\n');
  lines.push('', ...arraysText(tensors, limit));
  return lines.join('\n');
}
