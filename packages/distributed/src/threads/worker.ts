// One rank in a worker, for threads.ts: told the module of its program, it runs it and answers with what it returns.
import { answerMessages, SouthwellError } from '@southwell/numerics/core';
import { NoAnswerError } from '../faults.ts';
import { ThreadRank } from './rank.ts';
import type { RankModule, RankReply, RankTask } from './threads.ts';

answerMessages<RankTask, RankReply>(async ({ module, name, input, ...options }, post) => {
  try {
    const exports = (await import(/* @vite-ignore */ module)) as Record<string, RankModule<unknown, unknown>>;
    const main = exports[name];
    if (typeof main !== 'function') throw new Error(`The module ${module} exports no function ${name}.`);
    const rank = new ThreadRank(options);
    const value = await main(
      (program) => rank.ranks(program),
      input,
      (message) => post({ kind: 'message', message }),
    );
    rank.close();
    post({ kind: 'result', value });
  } catch (error) {
    const { message, stack } = error as Error;
    const code = error instanceof SouthwellError ? error.code : undefined;
    const blamed = error instanceof NoAnswerError ? error.ranks : undefined;
    post({ kind: 'error', code, message, stack, blamed });
  }
});
