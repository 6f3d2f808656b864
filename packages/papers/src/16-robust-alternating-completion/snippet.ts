/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { Random } from 'southwell';
import { completeMatrix, observedMatrix } from 'southwell/factorisation';

// A 30 × 30 table of products of two numbers, of which a third is known
const random = new Random(1);
const [a, b] = [0, 1].map(() => Array.from({ length: 30 }, () => 1 + random.uniform()));
const rows = [], cols = [], values = [];
for (let i = 0; i < 30; i++) for (let j = 0; j < 30; j++) {
  if (random.uniform() < 1 / 3) { rows.push(i); cols.push(j); values.push(a[i] * b[j]); }
}
const completed = completeMatrix(observedMatrix(30, 30, rows, cols, values), { rank: 1 });
console.log(completed.predict(4, 7), a[4] * b[7], completed.trainError);`;
