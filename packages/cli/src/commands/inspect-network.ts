import type { GraphValue, NetworkFacts, TensorFacts } from '@southwell/autodiff/nn';
import { count, grouped, number } from '@southwell/tasks';
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

/** A shape with the names of unknown axes; `?` for one without. */
const shapeText = (shape: ReadonlyArray<number | string | null> | null | undefined): string =>
  shape ? `[${shape.map((n) => n ?? '?').join(', ')}]` : '';
const valueText = ({ name, type, shape }: GraphValue): string =>
  `${name} ${type} ${shapeText(shape) || 'of any shape'}`;

function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${number(bytes / 1000 ** power, 3)} ${['B', 'kB', 'MB', 'GB'][power]}`;
}

/** What is unusual about a tensor. */
function remarks({ size, zeros, notFinite, duplicateOf }: TensorFacts): string {
  const all = [
    zeros !== undefined && zeros > 0 && `${number((100 * zeros) / size, 3)} % zeros`,
    notFinite !== undefined && notFinite > 0 && `${grouped(notFinite)} NaN or infinite`,
    duplicateOf !== undefined && `= ${duplicateOf}`,
  ];
  return all.filter(Boolean).join(', ');
}

function networkText(path: string, facts: NetworkFacts, all: boolean): string {
  const { nodes, tensors, missing, notes } = facts;
  const limit = all ? Number.POSITIVE_INFINITY : 60;
  const size = tensors.reduce((n, t) => n + t.size, 0);
  const bytes = tensors.reduce((n, t) => n + (t.bytes ?? 0), 0);
  const by = facts.producer ? ` by ${printable(facts.producer)}` : '';
  const format = facts.format === 'ONNX' ? `ONNX, opset ${facts.opset}` : facts.format;
  const lines = [
    pc.bold(
      `${printable(path)}: ${count(nodes.length, 'layer')}, ${grouped(size)} numbers in ${count(tensors.length, 'array')}, ${bytesText(bytes)} (${format}${by})`,
    ),
    wrap(printable(`inputs: ${facts.inputs.map(valueText).join('; ')}`)),
    wrap(printable(`outputs: ${facts.outputs.map(valueText).join('; ')}`)),
    ...notes.slice(0, 10).map((note) => wrap(printable(note))),
    ...missing.map(({ op, nodes: at }) =>
      wrap(
        printable(
          `The operator ${op} is not supported, so that the network cannot be run: ${count(at.length, 'node')} (${at.slice(0, 3).join(', ')}${at.length > 3 ? ', …' : ''}).`,
        ),
      ),
    ),
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
  const more = (n: number): string[] => (n > limit ? [pc.dim(`  … and ${n - limit} more (--all shows them)`)] : []);
  lines.push(...more(nodes.length));
  if (tensors.length === 0) return lines.join('\n');
  lines.push(
    '',
    table(
      [
        { title: 'array' },
        { title: 'type' },
        { title: 'shape' },
        { title: 'largest σ', align: 'right' },
        { title: 'rank', align: 'right' },
        { title: 'remarks' },
      ],
      tensors
        .slice(0, limit)
        .map((t) => [
          t.name,
          t.type,
          shapeText(t.shape),
          t.largestSingular === undefined ? '' : number(t.largestSingular, 4),
          t.stableRank === undefined ? '' : number(t.stableRank, 3),
          remarks(t),
        ]),
    ),
    ...more(tensors.length),
  );
  if (tensors.some((t) => t.stableRank !== undefined))
    lines.push(pc.dim('  rank: the sum of squares of the singular values σ over that of the largest'));
  return lines.join('\n');
}
