// Runs folds of a cross-validation for foldThreads.ts: told a task, then fold numbers, then 'end'.
import { attachMatrix, type Matrix } from '@southwell/numerics/arrays';
import { answerMessages, SouthwellError } from '@southwell/numerics/core';
import { foldScores } from './crossValidation.ts';
import type { FoldJob, FoldReply, FoldTask } from './foldThreads.ts';
import { Products } from './products.ts';
import { fromRecipe } from './recipes.ts';

let job: FoldJob<never, never, never> | undefined;
let matrix: Matrix | undefined;

async function receive(message: FoldTask | number | 'end', post: (reply: FoldReply) => void): Promise<void> {
  try {
    if (typeof message === 'object') {
      matrix = attachMatrix(message.shared);
      const products = message.products && Products.attach(message.products, matrix);
      products?.holdOut({ foldOf: message.foldOf, count: message.products!.parts.length });
      const options = { ...message.options, products };
      job = { ...message, options, y: message.y as never, estimator: fromRecipe(message.recipe), matrix };
    } else if (message === 'end') {
      post({ type: 'regions', regions: matrix!.arena.grownRegions });
    } else {
      const scores = await foldScores(job!, message, () => post({ type: 'step' }));
      if (scores) post({ type: 'fold', fold: message, scores });
    }
  } catch (error) {
    const code = error instanceof SouthwellError ? error.code : 'NUMERICAL';
    post({ type: 'error', code, message: (error as Error).message });
  }
}

// In turn: a fold must not start before its task has been taken in.
answerMessages(receive);
