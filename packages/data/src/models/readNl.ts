import { fail } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import { namesOf } from './names.ts';
import { type NlHeader, readHeader } from './nl/header.ts';
import { Segments } from './nl/segments.ts';
import { BinarySource, TextSource } from './nl/source.ts';

/** The contents of the files beside a .nl file. */
export interface NlNames {
  /** Of the .row file: names of the constraints, one a line, then of the objectives. */
  readonly row?: string;
  /** Of the .col file: names of the variables. */
  readonly col?: string;
}

/** A model, and what else its .nl file says. */
export interface NlFile {
  readonly model: Model;
  /** What was left out, as sentences. */
  readonly notes: readonly string[];
  /** Numbers that AMPL wants back in the .sol file. */
  readonly options: readonly number[];
}

/**
 * Reads a model in AMPL's .nl format, text or binary in either byte order. Defined variables become shared nodes. Of
 * several objectives the first is used. Logical, complementarity and network constraints, imported functions and
 * operators on other than numbers are refused. Bounds that contradict each other are left to the solver. Names:
 * default x1, x2 … and c1, c2 ….
 * @throws INVALID_FORMAT for what is refused or damaged, with the segment and its line or byte.
 */
export function readNl(bytes: Uint8Array, names: NlNames = {}): NlFile {
  if (bytes.length === 0) fail('INVALID_FORMAT', 'The .nl file is empty.');
  const text = new TextSource(bytes);
  const header = readHeader(text);
  const source = header.binary ? new BinarySource(bytes, header.offset, !header.bigEndian) : text;
  const segments = new Segments(source, header);
  segments.readAll();
  return { model: modelOf(header, segments, names), notes: notesOf(header), options: header.options };
}

function notesOf({ objectives }: NlHeader): string[] {
  if (objectives < 2) return [];
  return [`The model has ${objectives} objectives, of which the first is used.`];
}

function integerOf({ kinds, variables }: NlHeader): Uint8Array {
  const integer = new Uint8Array(variables);
  let at = 0;
  for (const [k, count] of kinds.entries()) {
    if (k % 2 === 1) integer.fill(1, at, at + count);
    at += count;
  }
  return integer;
}

function modelOf(header: NlHeader, segments: Segments, { row, col }: NlNames): Model {
  const { builder, rowNodes, objectiveNodes } = segments;
  const used = header.objectives > 0;
  const rowNames = namesOf(row, header.rows, 'c', '.row');
  const outputRows: number[] = [];
  let constant = 0;
  if (used) {
    const value = builder.constantValue(objectiveNodes[0]);
    constant = value ?? 0;
    if (value === undefined) {
      builder.output(objectiveNodes[0]);
      outputRows.push(-1);
    }
  }
  for (let i = 0; i < header.rows; i++) {
    if (rowNodes[i] < 0 || builder.constantValue(rowNodes[i]) === 0) continue;
    builder.output(rowNodes[i]);
    outputRows.push(i);
  }
  return {
    name: header.name,
    variables: {
      names: namesOf(col, header.variables, 'x', '.col'),
      lower: segments.bounds[0],
      upper: segments.bounds[1],
      integer: integerOf(header),
      start: segments.start,
    },
    rows: {
      names: rowNames.slice(0, header.rows),
      lower: segments.rowBounds[0],
      upper: segments.rowBounds[1],
      multipliers: segments.multipliers,
      linear: segments.linear(),
    },
    objective: {
      name: (row === undefined ? undefined : rowNames[header.rows]) || (used ? 'objective' : ''),
      sense: used && segments.maximize[0] === 1 ? 'maximize' : 'minimize',
      constant,
      linear: segments.cost,
    },
    nonlinear: outputRows.length === 0 ? undefined : { program: builder.program(), rows: new Int32Array(outputRows) },
    suffixes: segments.suffixes,
  };
}
