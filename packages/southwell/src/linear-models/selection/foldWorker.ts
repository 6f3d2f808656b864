// Computes folds of a cross-validation for foldThreads.ts: after receiving a task, it takes folds until none are left.
import { attachMatrix } from '@southwell/numerics/arrays';
import { answerMessages, inOnePlace, SouthwellError } from '@southwell/numerics/core';
import { Products } from '../design/products.ts';
import { fromRecipe } from '../recipes.ts';
import { foldScores } from './foldScores.ts';
import { type FoldReply, type FoldTask, nextFold } from './foldThreads.ts';

async function receive(task: FoldTask, post: (reply: FoldReply) => void): Promise<void> {
  try {
    const matrix = attachMatrix(task.shared);
    const products = task.products && Products.attach(task.products, matrix);
    const options = { ...task.options, products };
    const rows = inOnePlace(matrix.rows);
    const job = { ...task, options, rows, y: task.y as never, estimator: fromRecipe(task.recipe), matrix };
    for (;;) {
      const fold = nextFold(task.folds, task.taken);
      if (fold === undefined) break;
      const scores = await foldScores<never, never, never>(job, fold, () => post({ type: 'step' }));
      if (scores) post({ type: 'fold', fold, scores });
    }
    post({ type: 'regions', regions: matrix.arena.grownRegions });
  } catch (error) {
    const code = error instanceof SouthwellError ? error.code : 'NUMERICAL';
    post({ type: 'error', code, message: (error as Error).message });
  }
}

answerMessages(receive);
