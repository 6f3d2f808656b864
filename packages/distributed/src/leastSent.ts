import type { Act } from './communicator.ts';

/**
 * The minimum number of messages and bytes that one of p ranks must send in an exchange, for drivers that delegate
 * collectives to a library whose algorithms are hidden. Exact for two ranks, without headers. Assumes trees for
 * reductions and broadcasts, and reduce-scatter followed by all-gather for all-reduce (Thakur, Rabenseifner and Gropp
 * 2005).
 */
export function leastSent(act: Act, rank: number, p: number): { readonly messages: number; readonly bytes: number } {
  const log = Math.ceil(Math.log2(p));
  switch (act.kind) {
    case 'send':
      return { messages: 1, bytes: act.data.byteLength };
    case 'receive':
      return { messages: 0, bytes: 0 };
    case 'broadcast': {
      const messages = childrenOf((rank - act.root + p) % p, p);
      return { messages, bytes: messages * act.data.byteLength };
    }
    case 'reduce':
      return rank === act.root ? { messages: 0, bytes: 0 } : { messages: 1, bytes: act.data.byteLength };
    case 'allReduce':
      return { messages: 2 * log, bytes: Math.round((2 * act.data.byteLength * (p - 1)) / p) };
    case 'allGather':
      return { messages: log, bytes: act.data.byteLength * (p - 1) };
    case 'reduceScatter':
    case 'allToAll':
      return { messages: p - 1, bytes: (act.data.byteLength / p) * (p - 1) };
    case 'barrier':
      return { messages: log, bytes: 0 };
    case 'split':
      return { messages: log, bytes: 24 * (p - 1) };
  }
}

/** Number of children of rank r (relative to the root) in a binomial tree of p ranks. */
function childrenOf(r: number, p: number): number {
  let children = 0;
  for (let bit = 1; bit < p && (r & bit) === 0; bit *= 2) if (r + bit < p) children++;
  return children;
}
