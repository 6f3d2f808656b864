// One rank in a worker, for threads.ts: receives the module of its program, runs it and replies with the result.
import { answerMessages } from '@southwell/numerics/core';
import { errorReply, observedRanks, programOf } from './program.ts';
import { ThreadRank } from './rank.ts';
import type { RankReply, RankTask } from './threads.ts';

answerMessages<RankTask, RankReply>(async ({ module, name, input, observed, ...options }, post) => {
  try {
    const main = await programOf(module, name);
    const rank = new ThreadRank(options);
    const value = await main(
      observedRanks((program) => rank.ranks(program), observed ? post : undefined),
      input,
      (message) => post({ kind: 'message', message }),
    );
    rank.close();
    post({ kind: 'result', value });
  } catch (error) {
    post(errorReply(error));
  }
});
