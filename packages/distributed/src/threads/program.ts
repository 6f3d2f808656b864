import { SouthwellError } from '@southwell/numerics/core';
import { NoAnswerError } from '../faults.ts';
import type { RankModule, RankReply } from './threads.ts';

/**
 * What a module exports under a name.
 * @throws Error where it has no such function.
 */
export async function programOf(module: string, name: string): Promise<RankModule<unknown, unknown>> {
  const exports = (await import(/* @vite-ignore */ module)) as Record<string, RankModule<unknown, unknown>>;
  const main = exports[name];
  if (typeof main !== 'function') throw new Error(`The module ${module} exports no function ${name}.`);
  return main;
}

/** What a rank threw, as plain data. */
export function errorReply(error: unknown): RankReply {
  const { message, stack } = error as Error;
  const code = error instanceof SouthwellError ? error.code : undefined;
  const blamed = error instanceof NoAnswerError ? error.ranks : undefined;
  return { kind: 'error', code, message, stack, blamed };
}
