import { fail } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import { layoutOf } from './nl/layout.ts';
import { BinarySink, TextSink } from './nl/sink.ts';
import { usesOf } from './nl/writeExpressions.ts';
import { NlWriter } from './nl/writer.ts';

/** A model as .nl file, with the files of names beside it. */
export interface WrittenNl {
  readonly nl: Uint8Array;
  readonly row: string;
  readonly col: string;
  /** The model's variable and row at each place in the file, which has the nonlinear ones first. */
  readonly variables: Int32Array;
  readonly rows: Int32Array;
}

const ENCODINGS = ['text', 'little-endian', 'big-endian'];

/**
 * Writes a model in AMPL's .nl format, as text or binary. Nodes that occur several times become defined variables.
 * @throws INVALID_PARAMETER for an unknown encoding.
 */
export function writeNl(model: Model, encoding: 'text' | 'little-endian' | 'big-endian' = 'text'): WrittenNl {
  if (!ENCODINGS.includes(encoding))
    fail('INVALID_PARAMETER', `The encoding of a .nl file is ${ENCODINGS.join(', ')}, not '${encoding}'.`);
  const sink = encoding === 'text' ? new TextSink() : new BinarySink(encoding === 'little-endian');
  const uses = model.nonlinear && usesOf(model.nonlinear.program, model.nonlinear.rows);
  const layout = layoutOf(model, uses);
  const writer = new NlWriter(sink, model, layout, uses);
  writer.write(ENCODINGS.indexOf(encoding));
  const lines = (names: readonly string[]): string => names.map((name) => `${name}\n`).join('');
  const rowNames = Array.from(layout.rows, (i) => model.rows.names[i]);
  return {
    nl: sink.bytes(),
    row: lines(writer.hasObjective ? [...rowNames, model.objective.name || 'objective'] : rowNames),
    col: lines(Array.from(layout.variables, (j) => model.variables.names[j])),
    variables: layout.variables,
    rows: layout.rows,
  };
}
