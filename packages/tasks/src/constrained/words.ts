import type { Model } from '@southwell/numerics/expressions';
import { count, grouped } from '../format.ts';
import type { Instance } from './instance.ts';

/** A model told in words, before it is solved. */
export interface ModelWords {
  /** Kind, sense and sizes, in a sentence. */
  readonly about: string;
  /** The objective and the first rows as formulas. */
  readonly objective: string;
  readonly rows: ReadonlyArray<{ readonly name: string; readonly formula: string }>;
  /** Rows that are not among them. */
  readonly more: number;
  readonly variables: readonly string[];
}

/** Rows that are written out, and terms of each. */
const [ROWS, TERMS] = [12, 8];

/** A coefficient as one writes it: 0.5, not 0.5000. */
const plain = (v: number): string => String(Number(v.toPrecision(6))).replace('-', '−');

/** Tells a model in words; rows without a model file have no formulas. */
export function modelWords({ kind, sense, program, integer, model }: Instance): ModelWords {
  const { lower, upper, names, rowNames, rowLower, rowUpper } = program;
  const those = (n: number, of: (k: number) => boolean) => Array.from({ length: n }, (_, k) => k).filter(of).length;
  const integers = those(names.length, (j) => integer[j] === 1);
  const fixed = those(names.length, (j) => lower[j] === upper[j]);
  const [low, high] = [rowLower, rowUpper].map((side) => (i: number) => Number.isFinite(side[i]));
  const equal = those(rowNames.length, (i) => rowLower[i] === rowUpper[i]);
  const ranges = those(rowNames.length, (i) => low(i) && high(i) && rowLower[i] !== rowUpper[i]);
  const among = (parts: ReadonlyArray<readonly [number, string]>) => {
    const said = parts.filter(([n]) => n > 0).map(([n, words]) => `${grouped(n)} ${words}`);
    return said.length > 0 ? ` (${said.join(', ')})` : '';
  };
  const kindOf = integers > 0 ? `${kind} program with integers` : `${kind} program`;
  const article = /^[aeiou]/.test(kindOf) ? 'An' : 'A';
  const variables = `${count(names.length, 'variable')}${among([
    [integers, 'integer'],
    [fixed, 'fixed'],
  ])}`;
  const rows = `${count(rowNames.length, 'row')}${among([
    [equal, equal === 1 ? 'equality' : 'equalities'],
    [ranges, ranges === 1 ? 'with two sides' : 'with two sides each'],
  ])}`;
  const formulas = formulasOf(model, names);
  const shown = rowNames.slice(0, ROWS);
  return {
    about: `${article} ${kindOf}: ${sense} over ${variables}, subject to ${rows}.`,
    objective: `${sense} ${formulas?.objective ?? 'a function of the variables'}`,
    rows: shown.map((name, i) => ({
      name,
      formula: withSides(formulas?.row(i) ?? 'a function of the variables', rowLower[i], rowUpper[i]),
    })),
    more: rowNames.length - shown.length,
    variables: names,
  };
}

/** A formula with its sides: 0 ≤ x + y ≤ 4. */
export function withSides(formula: string, lower: number, upper: number): string {
  if (lower === upper) return `${formula} = ${plain(lower)}`;
  const [below, above] = [Number.isFinite(lower), Number.isFinite(upper)];
  if (below && above) return `${plain(lower)} ≤ ${formula} ≤ ${plain(upper)}`;
  if (below) return `${formula} ≥ ${plain(lower)}`;
  return above ? `${formula} ≤ ${plain(upper)}` : `${formula}, without a side`;
}

/** A sum of terms with signs between them: 2 a − b + 0.5 c². Only the first ones of a long sum. */
export function sumText(terms: ReadonlyArray<readonly [coefficient: number, of: string]>): string {
  const present = terms.filter(([c]) => c !== 0);
  const parts = present.slice(0, TERMS).map(([c, of], k) => {
    const sign = c < 0 ? (k === 0 ? '−' : ' − ') : k === 0 ? '' : ' + ';
    const size = Math.abs(c);
    if (of === '') return `${sign}${plain(size)}`;
    return `${sign}${size === 1 ? '' : `${plain(size)} `}${of}`;
  });
  const left = present.length - TERMS;
  if (left > 0) parts.push(` + … (${count(left, 'more term')})`);
  return parts.length > 0 ? parts.join('') : '0';
}

function formulasOf(model: Model | undefined, names: readonly string[]) {
  if (!model) return undefined;
  const { objective, rows, nonlinear } = model;
  const curved = new Set(nonlinear?.rows ?? []);
  const { colPointers, rowIndices, values } = rows.linear;
  const first = Array.from({ length: Math.min(ROWS, rows.names.length) }, (): Array<[number, string]> => []);
  for (let j = 0; j < names.length; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) first[rowIndices[k]]?.push([values[k], names[j]]);
  }
  const whole = (terms: ReadonlyArray<readonly [number, string]>, at: number) =>
    curved.has(at) ? `${terms.length > 0 ? `${sumText(terms)} + ` : ''}a nonlinear function` : sumText(terms);
  const linear = Array.from(objective.linear, (c, j) => [c, names[j]] as const);
  const terms = [...linear.filter(([c]) => c !== 0), ...squares(objective.quadratic, names)];
  const named = objective.name === '' ? '' : `${objective.name}: `;
  const constant = objective.constant === 0 ? [] : [[objective.constant, ''] as const];
  return { objective: named + whole([...terms, ...constant], -1), row: (i: number) => whole(first[i], i) };
}

/** The terms of ½xᵀPx, each pair of variables once. */
function squares(P: Model['objective']['quadratic'], names: readonly string[]): Array<readonly [number, string]> {
  const terms: Array<readonly [number, string]> = [];
  for (let j = 0; j < (P?.cols ?? 0) && terms.length <= TERMS; j++) {
    for (let k = P!.colPointers[j]; k < P!.colPointers[j + 1]; k++) {
      const i = P!.rowIndices[k];
      if (i === j) terms.push([P!.values[k] / 2, `${names[j]}²`]);
      else if (i < j) terms.push([P!.values[k], `${names[i]}·${names[j]}`]);
    }
  }
  return terms;
}
