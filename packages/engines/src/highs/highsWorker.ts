// Solves the programs that engine.ts sends.
import { answerMessages, SouthwellError } from '@southwell/numerics/core';
import { loadHighs } from './load.ts';
import type { Reply, Request } from './messages.ts';
import { solveHere } from './session.ts';

/** A page has no packages: the workbench serves HiGHS in a folder beside that of its scripts. */
const located = (module: string): string =>
  module === 'highs' && typeof location === 'object' ? new URL('../engines/highs.mjs', location.href).href : module;

answerMessages<Request, Reply>(async ({ module, problem, settings }, post) => {
  try {
    const highs = await loadHighs(located(module));
    const answer = solveHere(highs, problem, settings, {
      progress: (progress) => post({ type: 'progress', progress }),
      incumbent: (x, progress) => post({ type: 'incumbent', x, progress }),
    });
    post({ type: 'done', answer });
  } catch (error) {
    const code = error instanceof SouthwellError ? error.code : 'NUMERICAL';
    post({ type: 'error', code, message: (error as Error).message });
  }
});
