import { columnNames, type Design } from '@southwell/data';
import { fail, nearestName } from '@southwell/numerics/core';
import { RequestError } from '../errors.ts';
import { number } from '../format.ts';

/** An option that assigns values to several names: `name=value` each. */
interface Asked {
  /** The spelling of the option. */
  readonly option: string;
  readonly texts: readonly string[];
  /** Whether a number is permitted, and a description of permitted numbers, for messages. */
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

/**
 * Numbers by name; the last `=` is the separator, as names may contain one. Throws a sentence for a text that is not
 * such a pair.
 */
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

/** 1 and 1.0 are the same class. */
const same = (label: string, name: string): boolean =>
  label === name || (label.trim() !== '' && name.trim() !== '' && Number(label) === Number(name));

/**
 * The weight of every row by its class, and a sentence on them: as given, 1 for classes not mentioned; or, `balanced`,
 * rows / (classes × rows of the class), as in scikit-learn. Throws a sentence for an unknown class.
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
 * A number for every column of the matrix from numbers by name: of a column of the table, with all levels of a
 * category, or of one column of the matrix by its name there, `colour=red`, which takes precedence. Throws a sentence,
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

/** The options of a request by column: factors of the penalty, and bounds of coefficients. */
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
