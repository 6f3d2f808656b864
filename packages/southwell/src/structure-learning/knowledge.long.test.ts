import { dagma } from './continuous/colide.ts';
import { golem } from './continuous/golem.ts';
import { notearsMlp } from './continuous/notearsMlp.ts';
import { bends, binary, keepsKnowledge, linear } from './testing.ts';

// The other methods are in knowledge.test.ts.
keepsKnowledge('DAGMA, logistic', (options) =>
  dagma(binary, { score: 'logistic', iterations: 1500, lastIterations: 3000, ...options }),
);
keepsKnowledge('GOLEM, unequal variances', (options) =>
  golem(linear, { iterations: 5000, variance: 'unequal', ...options }),
);
keepsKnowledge('NOTEARS, networks', (options) => notearsMlp(bends, { hidden: 3, ...options }));
