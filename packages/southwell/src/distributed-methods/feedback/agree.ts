import type { Communicator, Exchange } from '@southwell/distributed';
import { fail } from '@southwell/numerics/core';

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

/**
 * Compares settings by name with those of the first rank, before anything depends on them.
 * @throws MISMATCH on all ranks, naming a rank, the setting and both values.
 */
export function* agree(comm: Communicator, settings: Readonly<Record<string, string | number>>): Exchange {
  if (comm.size === 1) return;
  const [first, ...others] = (yield* gathered(comm, JSON.stringify(settings))).map(
    (text) => JSON.parse(text) as Readonly<Record<string, string | number>>,
  );
  for (const [k, other] of others.entries()) {
    const name = Object.keys(first).find((key) => other[key] !== first[key]);
    if (name === undefined) continue;
    fail(
      'MISMATCH',
      `The ranks disagree on ${name}: rank ${k + 1} has ${other[name]}, rank 0 has ${first[name]}. Give all ranks the same options.`,
    );
  }
}
