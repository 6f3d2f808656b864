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
  /** Number of arguments. */
  readonly least: number;
  readonly most: number;
  /** Of more than two arguments: of the last two, then of the one before and that … */
  readonly f: (a: number, b: number) => number;
}

/** Beyond it the reduction to a quarter turn has too few digits of π, and the engine's own functions take over. */
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

/** A map, so that the name of an object's own property is no function. */
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

/** Names of functions that an expression may call. */
export const functionNames: readonly string[] = [...knownFunctions.keys()];

/** Reserved names. */
export const constants: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['π', Math.PI],
  ['e', Math.E],
]);
