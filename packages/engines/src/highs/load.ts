import { fail } from '@southwell/numerics/core';
import type { Highs } from 'highs';
import { HIGHS_COMMAND } from './options.ts';

/** The oldest version with persistent models. */
const LEAST = { major: 1, minor: 15 };

const loaded = new Map<string, Promise<Highs>>();

async function load(module: string): Promise<Highs> {
  let start: unknown;
  try {
    ({ default: start } = (await import(/* @vite-ignore */ module)) as { readonly default: unknown });
  } catch (error) {
    const { code, message } = error as Error & { readonly code?: string };
    const absent = code === 'ERR_MODULE_NOT_FOUND' || /Failed to (resolve|fetch)/.test(message);
    const why = absent ? 'is not installed' : `could not be loaded (${message})`;
    fail(
      'NOT_SUPPORTED',
      `HiGHS, which solves linear programs with whole variables, ${why}: ${HIGHS_COMMAND} installs it.`,
    );
  }
  const highs = (await (start as () => Promise<Highs>)()) as Highs;
  const { version } = highs as Partial<Highs>;
  const [major, minor] = [version?.major ?? 0, version?.minor ?? 0];
  if (major < LEAST.major || (major === LEAST.major && minor < LEAST.minor)) {
    const which = version ? `version ${version.string}` : 'a version from before it';
    fail(
      'NOT_SUPPORTED',
      `HiGHS ${LEAST.major}.${LEAST.minor} or later is needed, but ${which} is installed: ${HIGHS_COMMAND} replaces it.`,
    );
  }
  return highs;
}

/**
 * The runtime of HiGHS, loaded once.
 * @throws NOT_SUPPORTED if it is not installed or too old.
 */
export function loadHighs(module: string): Promise<Highs> {
  let one = loaded.get(module);
  if (!one) {
    one = load(module);
    loaded.set(module, one);
  }
  return one;
}
