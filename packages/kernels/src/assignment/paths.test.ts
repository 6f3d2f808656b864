import { expect, test } from 'vitest';
import { engines, TestArena, uniform } from '../testing.ts';
import { assignmentKernels } from './index.ts';

test('paths of all engines have the same bits, with ties and pairs that are not allowed', () => {
  const random = uniform(4);
  for (const columns of [1, 2, 3, 4, 5, 7, 8, 21]) {
    for (const kind of [0, 1, 2]) {
      const rows = Math.max(1, columns - (kind === 1 ? 1 : 0));
      const costs = Array.from({ length: rows * columns }, () =>
        kind === 0 ? random() : random() < 0.3 * kind ? Number.POSITIVE_INFINITY : Math.floor(random() * 4),
      );
      const answers = engines.map((engine) => {
        const t = new TestArena(engine);
        const [c, v] = [t.f64(costs), t.f64(new Array(columns).fill(0))];
        const [columnOf, rowOf] = [t.i32(new Array(rows).fill(-1)), t.i32(new Array(columns).fill(-1))];
        const scanned = t.i32(new Array(columns).fill(0));
        const at = [c, v, columnOf, rowOf].map(({ pointer }) => pointer) as [number, number, number, number];
        const room = [8, 4].map((bytes) => t.bytes(bytes * columns)) as [number, number];
        const saved = t.bytes(16 * columns);
        const { shortestPath } = t.arena.use(assignmentKernels);
        const ends = Array.from({ length: rows }, (_, i) => {
          const end = shortestPath(columns, i, ...at, ...room, scanned.pointer, saved);
          return end < 0 ? [end, ...scanned.view.subarray(0, -1 - end)] : end;
        });
        const found = { ends, v: [...v.view], columnOf: [...columnOf.view], rowOf: [...rowOf.view] };
        t.end();
        return found;
      });
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(answers[0].v.every(Number.isFinite)).toBe(true);
    }
  }
});
