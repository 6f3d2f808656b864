import { threads } from '@southwell/distributed';
import type { SequentialCodeOptions } from 'southwell/distributed-methods';
import type { Slots, SlotsRun } from './slots.ts';

/** The module of the threads, which tests that run from TypeScript sources load from the output of the compiler. */
const module = new URL('./slots.js', import.meta.url.replace('/src/', '/dist/'));

/** Runs jobs under a code on threads, of which the first coordinates and the others are the slots. */
export async function onThreads(input: Slots, ranks: number, signal: AbortSignal | undefined): Promise<SlotsRun> {
  const [first] = await threads<Slots, SlotsRun>(module, { ranks, input, ...(signal && { signal }) });
  return first;
}

/** The code that the executor runs where a code is asked for. */
export const carried = (options: SequentialCodeOptions): SequentialCodeOptions => options;
