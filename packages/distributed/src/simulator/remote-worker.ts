// One rank in a worker, for simulator/threads.ts: reports that it is ready, runs the program of a module, and replies
// with the result.
import { answerMessages } from '@southwell/numerics/core';
import { errorReply, observedRanks, programOf } from '../threads/program.ts';
import type { RankReply } from '../threads/threads.ts';
import { RemoteRank } from './remote.ts';
import type { RemoteTask } from './threads.ts';

answerMessages<RemoteTask, RankReply | { readonly kind: 'ready' }>(
  async ({ module, name, input, observed, rank, ranks, memory }, post) => {
    const own = new RemoteRank(memory, rank, ranks);
    let began = false;
    try {
      const main = await programOf(module, name);
      began = true;
      post({ kind: 'ready' });
      const value = await main(
        observedRanks((program) => own.ranks(program), observed ? post : undefined),
        input,
        (message) => post({ kind: 'message', message }),
      );
      post({ kind: 'result', value });
    } catch (error) {
      post(errorReply(error));
    }
    if (began) own.close();
  },
);
