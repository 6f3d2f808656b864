import {
  acos,
  asin,
  atan,
  atan2,
  cbrt,
  cosh,
  elementary,
  expm1,
  hypot,
  log1p,
  log2,
  log10,
  pow,
  sinh,
  tan,
  tanh,
} from '@southwell/numerics/special';

/** A named function. */
export interface KnownFunction {
  /** Minimum number of arguments. */
  readonly least: number;
  readonly most: number;
  /**
   * Applied from the right if there are more than two arguments: to the last two, then to the preceding one and that
   * result …
   */
  readonly f: (a: number, b: number) => number;
}

/** Beyond this the argument reduction has too few digits of π, and the engine's own functions are used. */
const FAR = 1e6;
const near =
  (own: (x: number) => number, engine: (x: number) => number) =>
  (x: number): number =>
    Math.abs(x) <= FAR ? own(x) : engine(x);

/** Modulo with the sign of the divisor, as in Python. */
export function mod(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

const one = (f: (x: number) => number): KnownFunction => ({ least: 1, most: 1, f });
const two = (f: (a: number, b: number) => number): KnownFunction => ({ least: 2, most: 2, f });
const several = (f: (a: number, b: number) => number): KnownFunction => ({
  least: 2,
  most: Number.POSITIVE_INFINITY,
  f,
});

/** A map rather than an object, so that names of inherited properties are not functions. */
export const knownFunctions: ReadonlyMap<string, KnownFunction> = new Map(
  Object.entries({
    sin: one(near(elementary.sin, Math.sin)),
    cos: one(near(elementary.cos, Math.cos)),
    tan: one(near(tan, Math.tan)),
    asin: one(asin),
    acos: one(acos),
    atan: one(atan),
    atan2: two(atan2),
    sinh: one(sinh),
    cosh: one(cosh),
    tanh: one(tanh),
    exp: one(elementary.exp),
    expm1: one(expm1),
    log: one(elementary.log),
    log1p: one(log1p),
    log2: one(log2),
    log10: one(log10),
    sqrt: one(Math.sqrt),
    cbrt: one(cbrt),
    hypot: several(hypot),
    pow: two(pow),
    abs: one(Math.abs),
    sign: one(Math.sign),
    floor: one(Math.floor),
    ceil: one(Math.ceil),
    round: one(Math.round),
    mod: two(mod),
    min: several((a, b) => Math.min(a, b)),
    max: several((a, b) => Math.max(a, b)),
  }),
);

/** Names of the functions that an expression may call. */
export const functionNames: readonly string[] = [...knownFunctions.keys()];

/** Names reserved for constants. */
export const constants: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['π', Math.PI],
  ['e', Math.E],
]);
