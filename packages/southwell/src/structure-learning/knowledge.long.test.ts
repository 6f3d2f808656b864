import { dagma } from './continuous/colide.ts';
import { binary, keepsKnowledge } from './testing.ts';

// The other methods are in knowledge.test.ts.
keepsKnowledge('DAGMA, logistic', (options) =>
  dagma(binary, { score: 'logistic', iterations: 1500, lastIterations: 3000, ...options }),
);
