import { SouthwellError } from '@southwell/numerics/core';
import { ReplayError } from '../arrivals/arrivals.ts';
import type { Ranks } from '../drive.ts';
import { NoAnswerError } from '../faults.ts';
import type { RankModule, RankReply } from './threads.ts';

/**
 * The export of a module with a given name.
 * @throws Error if there is no such function.
 */
export async function programOf(module: string, name: string): Promise<RankModule<unknown, unknown>> {
  const exports = (await import(/* @vite-ignore */ module)) as Record<string, RankModule<unknown, unknown>>;
  const main = exports[name];
  if (typeof main !== 'function') throw new Error(`The module ${module} exports no function ${name}.`);
  return main;
}

/** An error of a rank as plain data. */
export function errorReply(error: unknown): RankReply {
  const { message, stack } = error as Error;
  const code = error instanceof SouthwellError ? error.code : undefined;
  const blamed = error instanceof NoAnswerError ? error.ranks : undefined;
  const misfit = error instanceof ReplayError ? { rank: error.rank, event: error.event } : undefined;
  return { kind: 'error', code, message, stack, blamed, misfit };
}

/** Runs programs as `ranks` does, and posts their iterates along the way. */
export function observedRanks(ranks: Ranks, post: ((reply: RankReply) => void) | undefined): Ranks {
  if (!post) return ranks;
  return function* (program) {
    const running = ranks(program);
    let ended = false;
    try {
      let step = running.next();
      for (; !step.done; step = running.next()) {
        post({ kind: 'iterate', iterate: cloneable(step.value) });
        yield step.value;
      }
      ended = true;
      return step.value;
    } finally {
      if (!ended) running.return(undefined as never);
    }
  };
}

/** An iterate without its functions, with the point that its snapshot returns. */
function cloneable(iterate: unknown): unknown {
  if (typeof iterate !== 'object' || iterate === null) return iterate;
  if (Array.isArray(iterate) || ArrayBuffer.isView(iterate)) return iterate;
  const plain = Object.fromEntries(Object.entries(iterate).filter(([, value]) => typeof value !== 'function'));
  const { snapshot } = iterate as { readonly snapshot?: unknown };
  return typeof snapshot === 'function' ? { ...plain, point: snapshot.call(iterate) } : plain;
}
