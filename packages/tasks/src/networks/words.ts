import type { GraphValue, NetworkFacts, TensorFacts } from '@southwell/autodiff/nn';
import { count, grouped, number } from '../format.ts';

// A network in words, the same at the shell and on the page.

/** Bytes with a unit of thousands, such as `1.72 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${number(bytes / 1000 ** power, 3)} ${['B', 'kB', 'MB', 'GB'][power]}`;
}

/** A shape with the names of axes whose length is known only at run time, and `?` for one without a name. */
export const shapeText = (shape: ReadonlyArray<number | string | null> | null | undefined): string =>
  shape ? `[${shape.map((n) => n ?? '?').join(', ')}]` : '';

/** An input or output. */
export const valueText = ({ name, type, shape }: GraphValue): string =>
  `${name} ${type} ${shapeText(shape) || 'of any shape'}`;

/** What is unusual about a tensor; empty if nothing is. */
export function remarksOn({ size, zeros, notFinite, duplicateOf }: TensorFacts): string {
  const all = [
    zeros !== undefined && zeros > 0 && `${number((100 * zeros) / size, 3)} % zeros`,
    notFinite !== undefined && notFinite > 0 && `${grouped(notFinite)} NaN or infinite`,
    duplicateOf !== undefined && `= ${duplicateOf}`,
  ];
  return all.filter(Boolean).join(', ');
}

/** A network in words. */
export interface NetworkWords {
  /** Its size and format. */
  readonly size: string;
  /** Its most frequent operators. */
  readonly operators: string;
  readonly inputs: string;
  readonly outputs: string;
  /** What keeps it from being run, and which numbers could not be read. */
  readonly notes: readonly string[];
}

/** Operators that are named. */
const NAMED = 6;
/** Notes that are told. */
const NOTES = 10;

/** Size of a network whose facts are those of a file that was made from it. */
export interface NetworkSize {
  readonly format: string;
  readonly numbers: number;
  readonly arrays: number;
  readonly bytes: number;
}

/** Describes a network. */
export function networkWords(
  { nodes, tensors, missing, notes, ...facts }: NetworkFacts,
  own?: NetworkSize,
): NetworkWords {
  const by = facts.producer ? ` by ${facts.producer}` : '';
  const { format, numbers, arrays, bytes } = own ?? {
    format: `${facts.format === 'ONNX' ? `ONNX, opset ${facts.opset}` : facts.format}${by}`,
    numbers: tensors.reduce((n, t) => n + t.size, 0),
    arrays: tensors.length,
    bytes: tensors.reduce((n, t) => n + (t.bytes ?? 0), 0),
  };
  const often = new Map<string, number>();
  for (const { op } of nodes) often.set(op, (often.get(op) ?? 0) + 1);
  const sorted = [...often].toSorted((a, b) => b[1] - a[1]);
  const others = sorted.slice(NAMED).reduce((n, [, times]) => n + times, 0);
  return {
    size: `${count(nodes.length, 'layer')}, ${grouped(numbers)} numbers in ${count(arrays, 'array')}, ${bytesText(bytes)} (${format})`,
    operators: [
      ...sorted.slice(0, NAMED).map(([op, times]) => `${times} × ${op}`),
      ...(others > 0 ? [count(others, 'other')] : []),
    ].join(', '),
    inputs: facts.inputs.map(valueText).join('; '),
    outputs: facts.outputs.map(valueText).join('; '),
    notes: [
      ...notes.slice(0, NOTES),
      ...missing.map(
        ({ op, nodes: at }) =>
          `The operator ${op} is not supported, so that the network cannot be run: ${count(at.length, 'node')} (${at.slice(0, 3).join(', ')}${at.length > 3 ? ', …' : ''}).`,
      ),
    ],
  };
}
