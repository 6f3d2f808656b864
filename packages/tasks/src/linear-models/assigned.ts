import { columnNames, type Design } from '@southwell/data';
import { fail, nearestName } from '@southwell/numerics/core';
import { RequestError } from '../errors.ts';
import { number } from '../format.ts';

/** What an option says of several names: `name=value` each. */
interface Asked {
  /** How the option is called. */
  readonly option: string;
  readonly texts: readonly string[];
  /** Whether a number will do, and what one that does is, for sentences. */
  holds(value: number): boolean;
  readonly expected: string;
}

const SPELLED: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  Inf: Number.POSITIVE_INFINITY,
  Infinity: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** Numbers by name; the last `=` parts the two, as names may hold one. Throws a sentence for a text that is no such pair. */
function assigned({ option, texts, holds, expected }: Asked): Map<string, number> {
  const found = new Map<string, number>();
  for (const text of texts) {
    const at = text.lastIndexOf('=');
    const [name, written] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
    const value = SPELLED[written] ?? (written === '' ? Number.NaN : Number(written));
    if (at < 1 || !holds(value)) {
      throw new RequestError(
        `${option} takes names and values, such as name=2, each value ${expected}, not '${text}'.`,
      );
    }
    if (found.has(name)) throw new RequestError(`${option} names '${name}' twice.`);
    found.set(name, value);
  }
  return found;
}

/** 1 and 1.0 are one class. */
const same = (label: string, name: string): boolean =>
  label === name || (label.trim() !== '' && name.trim() !== '' && Number(label) === Number(name));

/**
 * The weight of every row by its class, and a sentence on them: as named, 1 for a class that is not; or, `balanced`, rows /
 * (classes × rows of the class), as scikit-learn has it. Throws a sentence for a class that there is not.
 */
export function classWeights(
  texts: readonly string[],
  labels: ArrayLike<number | string>,
  classes: ReadonlyArray<{ readonly label: string; readonly rows: number }>,
  option: string,
): { readonly weights: Float64Array; readonly note: string } {
  const of = new Map<string, number>();
  if (texts.length === 1 && texts[0] === 'balanced') {
    const all = classes.reduce((sum, { rows }) => sum + rows, 0);
    for (const { label, rows } of classes) of.set(label, all / (classes.length * rows));
  } else {
    const above = (value: number) => value > 0 && value < Number.POSITIVE_INFINITY;
    const asked = assigned({ option, texts, holds: above, expected: 'a number above 0 (or balanced alone)' });
    for (const { label } of classes) of.set(label, 1);
    for (const [name, weight] of asked) {
      const known = classes.find(({ label }) => same(label, name));
      if (!known) {
        const all = classes.map(({ label }) => label);
        const near = nearestName(name, all);
        fail(
          'INVALID_PARAMETER',
          `${option}: the target has no class '${name}'${near ? `; did you mean '${near}'?` : `; it has ${all.slice(0, 8).join(', ')}${all.length > 8 ? ', …' : ''}.`}`,
        );
      }
      of.set(known.label, weight);
    }
  }
  const weights = Float64Array.from(labels as ArrayLike<string>, (label) => of.get(String(label))!);
  const some = [...of].slice(0, 12).map(([label, weight]) => `${label} ${number(weight)}`);
  const left = of.size - some.length;
  return {
    weights,
    note: `Rows count by their class: ${some.join(', ')}${left > 0 ? ` and ${left} more` : ''}.`,
  };
}

/**
 * A number for every column of the matrix, from those that are named: a column of the table, with all levels of a category,
 * or one column of the matrix as it is called there, `colour=red`, which goes before its whole column. Throws a sentence,
 * with the nearest name, for a name that is neither.
 */
function byColumn(
  asked: Asked,
  { encoding, featureNames }: Pick<Design, 'encoding' | 'featureNames'>,
  table: string,
  usual: number,
): Float64Array {
  const values = new Float64Array(featureNames.length).fill(usual);
  const columnsOf = new Map<string, number[]>();
  let start = 0;
  for (const feature of encoding.features) {
    const width = columnNames(feature).length;
    columnsOf.set(
      feature.name,
      Array.from({ length: width }, (_, k) => start + k),
    );
    start += width;
  }
  const at = new Map(featureNames.map((name, j) => [name, j]));
  const given = [...assigned(asked)];
  for (const [name] of given) {
    if (columnsOf.has(name) || at.has(name)) continue;
    const near = nearestName(name, [...columnsOf.keys(), ...featureNames]);
    fail(
      'INVALID_PARAMETER',
      `${asked.option}: ${table} has no feature '${name}'${near ? `; did you mean '${near}'?` : '.'}`,
    );
  }
  for (const [name, value] of given) for (const j of columnsOf.get(name) ?? []) values[j] = value;
  for (const [name, value] of given) if (!columnsOf.has(name)) values[at.get(name)!] = value;
  return values;
}

/** What a request says of columns: factors of the penalty and bounds of coefficients. */
export function columnOptions(
  request: { readonly [K in 'penaltyFactor' | 'lower' | 'upper']?: readonly string[] },
  design: Pick<Design, 'encoding' | 'featureNames'>,
  table: string,
  spell: (option: string) => string,
): { readonly [K in 'penaltyFactor' | 'lower' | 'upper']?: Float64Array } {
  const one = (name: keyof typeof request, usual: number, expected: string, holds: (value: number) => boolean) => {
    const texts = request[name];
    if (!texts || texts.length === 0) return {};
    return { [name]: byColumn({ option: spell(name), texts, holds, expected }, design, table, usual) };
  };
  return {
    ...one('penaltyFactor', 1, 'a number of at least 0, or inf', (value) => value >= 0),
    ...one('lower', Number.NEGATIVE_INFINITY, 'a number of at most 0', (value) => value <= 0),
    ...one('upper', Number.POSITIVE_INFINITY, 'a number of at least 0', (value) => value >= 0),
  };
}
