import { nearestName } from '@southwell/numerics/core';
import type { InteriorPointOptions } from 'southwell/constrained';
import { ipoptNames } from './ipoptNames.ts';

/** What options by Ipopt's names say. */
export interface Settings {
  readonly tol?: number;
  readonly maxIter?: number;
  readonly timeLimit?: number;
  readonly interior: InteriorPointOptions;
  /** Whether multipliers in the model file are part of the initial point. */
  readonly warm?: boolean;
  readonly checkDerivatives?: boolean;
  /** Names, and name=value, without meaning here. */
  readonly unused: readonly string[];
}

/** A value as the options here have it; UNUSED if it means nothing here, undefined if it is none. */
type Reader = (value: string) => Partial<Omit<Settings, 'unused'>> | typeof UNUSED | undefined;
const UNUSED = 'unused';

const positive = (value: string, make: (v: number) => Partial<Settings>): Partial<Settings> | undefined => {
  const v = Number(value);
  return value.trim() !== '' && Number.isFinite(v) && v > 0 ? make(v) : undefined;
};

/** The given words and what each of them means. */
const word =
  (meanings: Readonly<Record<string, InteriorPointOptions>>): Reader =>
  (value) =>
    Object.hasOwn(meanings, value) ? { interior: meanings[value] } : undefined;

const readers: Readonly<Record<string, Reader>> = {
  tol: (value) => positive(value, (tol) => ({ tol })),
  max_iter: (value) => (/^\d+$/.test(value) ? { maxIter: Number(value) } : undefined),
  max_wall_time: (value) => positive(value, (timeLimit) => ({ timeLimit })),
  max_cpu_time: (value) => positive(value, (timeLimit) => ({ timeLimit })),
  mu_init: (value) => positive(value, (mu) => ({ interior: { mu } })),
  mu_strategy: word({ monotone: { barrier: 'monotone' }, adaptive: { barrier: 'adaptive' } }),
  hessian_approximation: word({ exact: { hessian: 'exact' }, 'limited-memory': { hessian: 'limited-memory' } }),
  warm_start_init_point: (value) =>
    value === 'yes' || value === 'no' ? { warm: value === 'yes', interior: {} } : undefined,
  derivative_test: (value) =>
    ['none', 'first-order', 'second-order', 'only-second-order'].includes(value)
      ? { checkDerivatives: value !== 'none', interior: {} }
      : undefined,
  nlp_scaling_method: (value) =>
    value === 'user-scaling' || value === 'equilibration-based'
      ? UNUSED
      : word({ none: { scaling: 'none' }, 'gradient-based': { scaling: 'gradient' } })(value),
};

const split = (text: string): readonly [string, string | undefined] => {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
};

/** What is wrong with one option, as a sentence; undefined if nothing is. */
function wrong(text: string): string | undefined {
  const [name, value] = split(text);
  if (!ipoptNames.has(name)) {
    const near = nearestName(name, [...ipoptNames]);
    return `'${name}' is no option of Ipopt${near === undefined ? '' : `; did you mean ${near}`}.`;
  }
  if (value === undefined) return `'${name}' needs a value: ${name}=….`;
  if (Object.hasOwn(readers, name) && readers[name](value) === undefined) return `${name} cannot be '${value}'.`;
  return undefined;
}

export const settingsChecks = [
  {
    wrong: ({ settings }: { readonly settings?: readonly string[] }) =>
      settings?.some((text) => wrong(text) !== undefined) ?? false,
    say: ({ settings }: { readonly settings?: readonly string[] }) =>
      settings!.map(wrong).find((sentence) => sentence !== undefined)!,
  },
];

/** The meaning of options that {@link settingsChecks} accept; later ones replace earlier ones. */
export function settingsOf(texts: readonly string[] = []): Settings {
  let found: Omit<Settings, 'unused'> = { interior: {} };
  const unused = new Set<string>();
  for (const text of texts) {
    const [name, value] = split(text);
    const read = Object.hasOwn(readers, name) ? readers[name](value!) : UNUSED;
    if (read === UNUSED) unused.add(Object.hasOwn(readers, name) ? text : name);
    else found = { ...found, ...read, interior: { ...found.interior, ...read?.interior } };
  }
  return { ...found, unused: [...unused] };
}
