import { CscMatrix } from '@southwell/numerics/arrays';
import { functionsOf, type Model, parseExpression, programOf } from '@southwell/numerics/expressions';
import type { NonlinearProgram } from './program.ts';

/** A program of x1, x2, …, as text: each row with its lower and upper side. */
export function programText(
  objective: string,
  rows: ReadonlyArray<readonly [text: string, lower: number, upper: number]>,
  more: Omit<NonlinearProgram, 'functions' | 'rowLower' | 'rowUpper'> & { readonly start: ArrayLike<number> },
): NonlinearProgram {
  const n = more.start.length;
  const names = Array.from({ length: n }, (_, j) => `x${j + 1}`);
  const texts = [objective, ...rows.map(([text]) => text)];
  const program = programOf(
    texts.map((text) => parseExpression(text)),
    names,
  );
  const m = rows.length;
  const sides = { lower: Float64Array.from(rows, ([, l]) => l), upper: Float64Array.from(rows, ([, , u]) => u) };
  const model: Model = {
    name: 'text',
    variables: { names, lower: new Float64Array(n), upper: new Float64Array(n), integer: new Uint8Array(n) },
    rows: { names: rows.map((_, i) => `c${i + 1}`), ...sides, linear: CscMatrix.fromTriplets(m, n, [], [], []) },
    objective: { name: 'f', sense: 'minimize', constant: 0, linear: new Float64Array(n) },
    nonlinear: { program, rows: Int32Array.from({ length: m + 1 }, (_, k) => k - 1) },
    suffixes: [],
  };
  return { functions: functionsOf(model), rowLower: sides.lower, rowUpper: sides.upper, ...more };
}
