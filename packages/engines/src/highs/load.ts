import { fail } from '@southwell/numerics/core';
import type { Highs } from 'highs';
import { HIGHS_COMMAND } from './options.ts';

/** The oldest version with persistent models. */
const LEAST = { major: 1, minor: 15 };

const loaded = new Map<string, Promise<Highs>>();

const isAbsent = ({ code, message }: Error & { readonly code?: string }): boolean =>
  code === 'ERR_MODULE_NOT_FOUND' || /Failed to (resolve|fetch)/.test(message);

/** The file of a package that is installed in the folder in which Node runs, for a command that is installed elsewhere. */
function fromFolder(name: string): string | undefined {
  interface Modules {
    createRequire(from: string): { resolve(name: string): string };
  }
  type Host = { getBuiltinModule?(name: string): unknown; cwd(): string };
  const { process: node } = globalThis as { process?: Host };
  const modules = node?.getBuiltinModule?.('node:module') as Modules | undefined;
  const urls = node?.getBuiltinModule?.('node:url') as { pathToFileURL(path: string): URL } | undefined;
  if (!modules || !urls) return undefined;
  try {
    return urls.pathToFileURL(modules.createRequire(`${node!.cwd()}/`).resolve(name)).href;
  } catch {
    return undefined;
  }
}

async function imported(module: string): Promise<{ readonly default: unknown }> {
  try {
    return await import(/* @vite-ignore */ module);
  } catch (error) {
    const other = isAbsent(error as Error) ? fromFolder(module) : undefined;
    if (other === undefined) throw error;
    return import(/* @vite-ignore */ other);
  }
}

async function load(module: string): Promise<Highs> {
  let start: unknown;
  try {
    ({ default: start } = await imported(module));
  } catch (error) {
    const why = isAbsent(error as Error) ? 'is not installed' : `could not be loaded (${(error as Error).message})`;
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
