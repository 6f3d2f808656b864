import { fail } from '@southwell/numerics/core';
import type { Communicator, Exchange } from './communicator.ts';

/** The texts of all ranks, in rank order. */
function* gathered(comm: Communicator, text: string): Exchange<string[]> {
  const own = new TextEncoder().encode(text);
  const lengths = new Int32Array(comm.size);
  yield* comm.allGather(Int32Array.of(own.length), lengths);
  const width = Math.max(...lengths);
  const padded = new Uint8Array(width);
  padded.set(own);
  const all = new Uint8Array(width * comm.size);
  yield* comm.allGather(padded, all);
  const decoder = new TextDecoder();
  return [...lengths].map((length, r) => decoder.decode(all.subarray(r * width, r * width + length)));
}

/** What ranks are to agree on: values by the names that messages give them. */
export type AgreedSettings = Readonly<Record<string, string | number | undefined>>;

/**
 * Compares settings by name with those of the first rank, before anything depends on them: to be called by all ranks, which then
 * either all go on or all throw the same error and can continue. Settings that a rank does not have, and those that are undefined,
 * are equal. Sends the settings as JSON, those of each rank to all.
 * @throws MISMATCH on all ranks, naming a rank, the first setting that differs, and both values.
 */
export function* agree(comm: Communicator, settings: AgreedSettings): Exchange {
  if (comm.size === 1) return;
  const [first, ...others] = (yield* gathered(comm, JSON.stringify(settings))).map(
    (text) => JSON.parse(text) as AgreedSettings,
  );
  for (const [k, other] of others.entries()) {
    const name = Object.keys({ ...first, ...other }).find((key) => other[key] !== first[key]);
    if (name === undefined) continue;
    const [of, there] = [first, other].map((all) => all[name] ?? 'none');
    fail(
      'MISMATCH',
      `The ranks disagree on ${name}: rank ${k + 1} has ${there}, rank 0 has ${of}. Give all ranks the same options.`,
    );
  }
}
