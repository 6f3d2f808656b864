import { CscMatrix } from '@southwell/numerics/arrays';
import { type Model, ProgramBuilder } from '@southwell/numerics/expressions';
import { LpParser, type Terms } from './lp/parser.ts';

/**
 * Reads a linear or quadratic program in CPLEX's LP format: objective and constraints, both with quadratic terms,
 * ranges, bounds, general and binary variables. Semi-continuous variables, special ordered sets, indicator and lazy
 * constraints are refused. Variables are numbered in the order of their appearance, and have the bounds 0 and ∞ by
 * default; numbers of 1e20 and beyond are infinite.
 * @throws INVALID_FORMAT for what is refused or damaged, with the line.
 */
export function readLp(text: string): Model {
  const parser = new LpParser(text);
  parser.parse();
  const { names, rows, objective } = parser;
  const n = names.length;
  const linear = new Float64Array(n);
  for (const [j, value] of objective.linear) linear[j] = value;
  const triplets: [number[], number[], number[]] = [[], [], []];
  rows.forEach(({ terms }, i) => {
    for (const [j, value] of terms.linear) {
      if (value === 0) continue;
      triplets[0].push(i);
      triplets[1].push(j);
      triplets[2].push(value);
    }
  });
  return {
    name: '',
    variables: {
      names,
      lower: Float64Array.from(parser.lower),
      upper: Float64Array.from(parser.upper),
      integer: Uint8Array.from(parser.integer),
    },
    rows: {
      names: rows.map(({ name }) => name),
      lower: Float64Array.from(rows, ({ lower }) => lower),
      upper: Float64Array.from(rows, ({ upper }) => upper),
      linear: CscMatrix.fromTriplets(rows.length, n, ...triplets),
    },
    objective: {
      name: parser.objectiveName,
      sense: parser.sense,
      constant: objective.constant,
      linear,
      quadratic: quadraticOf(objective, n),
    },
    nonlinear: nonlinearOf(
      rows.map(({ terms }) => terms),
      n,
    ),
    suffixes: [],
  };
}

/** P of ½xᵀPx, with both triangles. */
function quadraticOf({ products }: Terms, n: number): CscMatrix | undefined {
  if (products.length === 0) return undefined;
  const triplets: [number[], number[], number[]] = [[], [], []];
  for (const [i, j, value] of products)
    for (const [row, column] of [
      [i, j],
      [j, i],
    ]) {
      triplets[0].push(row);
      triplets[1].push(column);
      triplets[2].push(value);
    }
  return CscMatrix.fromTriplets(n, n, ...triplets);
}

/** The quadratic terms of rows. */
function nonlinearOf(rows: readonly Terms[], n: number): Model['nonlinear'] {
  const builder = new ProgramBuilder(n);
  const outputs: number[] = [];
  rows.forEach(({ products }, row) => {
    if (products.length === 0) return;
    const terms = products.map(([i, j, value]) =>
      builder.binary('multiply', builder.constant(value), builder.binary('multiply', i, j)),
    );
    builder.output(builder.sum(terms));
    outputs.push(row);
  });
  return outputs.length === 0 ? undefined : { program: builder.program(), rows: new Int32Array(outputs) };
}
