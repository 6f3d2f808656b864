import type { Act } from './communicator.ts';

/**
 * What an exchange among p ranks makes one of them send, at the least number of bytes: for drivers that hand collectives
 * to a library, whose ways they do not see. With two ranks it is what travels, headers aside. Reductions and broadcasts
 * along trees, sums of all as reduce-scatter and all-gather (Thakur, Rabenseifner and Gropp 2005).
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

/** How many ranks hear from rank r (counted from the root) in a binomial tree of p. */
function childrenOf(r: number, p: number): number {
  let children = 0;
  for (let bit = 1; bit < p && (r & bit) === 0; bit *= 2) if (r + bit < p) children++;
  return children;
}
