import { nearestName } from '@southwell/numerics/core';
import { RequestError } from '../errors.ts';
import type { ModelRequest } from './options.ts';

/** Bounds of variables and rows, with their names. */
export interface Sides {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly names: readonly string[];
  readonly rowNames: readonly string[];
}

/** Bounds as a request changes them. Throws for names that the model does not have, and what is no bound. */
export function changedSides(sides: Sides, { fix = [], bound = [] }: Pick<ModelRequest, 'fix' | 'bound'>): Sides {
  if (fix.length + bound.length === 0) return sides;
  const { names, rowNames } = sides;
  const variables = { lower: sides.lower.slice(), upper: sides.upper.slice() };
  const rows = { lower: sides.rowLower.slice(), upper: sides.rowUpper.slice() };
  for (const text of bound) {
    const [, name, sign, value] = BOUND.exec(text) ?? [];
    const side = sideOf(value);
    if (!name || side === undefined) {
      throw new RequestError(`'${text}' changes no bound: write name<=value, name>=value or name=value.`);
    }
    const i = rowNames.indexOf(name);
    const k = i >= 0 ? i : indexOf(names, name, 'row or variable', [...rowNames, ...names]);
    const of = i >= 0 ? rows : variables;
    if (sign !== '>=') of.upper[k] = side;
    if (sign !== '<=') of.lower[k] = side;
  }
  for (const text of fix) {
    const at = text.lastIndexOf('=');
    const value = Number(text.slice(at + 1));
    if (at < 1 || text.slice(at + 1).trim() === '' || !Number.isFinite(value)) {
      throw new RequestError(`'${text}' fixes nothing: write name=value.`);
    }
    const j = indexOf(names, text.slice(0, at), 'variable');
    variables.lower[j] = variables.upper[j] = value;
  }
  return { names, rowNames, ...variables, rowLower: rows.lower, rowUpper: rows.upper };
}

/** The name may contain the signs, the value may not. */
const BOUND = /^(.*?)\s*(<=|>=|=)\s*([^<>=\s]+)\s*$/s;

function sideOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[+-]?inf(inity)?$/i.test(text)) {
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** The index of a name. Throws if there is none, with the nearest one. */
export function indexOf(
  names: readonly string[],
  name: string,
  what: string,
  known: readonly string[] = names,
): number {
  const k = names.indexOf(name);
  if (k >= 0) return k;
  const near = nearestName(name, known);
  throw new RequestError(`The model has no ${what} '${name}'${near === undefined ? '.' : `; did you mean '${near}'?`}`);
}
