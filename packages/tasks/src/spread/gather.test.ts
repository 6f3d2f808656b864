import { complete, simulate } from '@southwell/distributed';
import { expect, test } from 'vitest';
import { gathered, sameVersion } from './gather.ts';

test('bytes of all ranks, none and more than a piece among them', () => {
  const lengths = [3, 0, 5_000_000, 1];
  const own = (rank: number) => Uint8Array.from({ length: lengths[rank] }, (_, k) => (k * (rank + 3)) % 251);
  const { results } = complete(simulate((comm) => gathered(comm, own(comm.rank)), { ranks: 4 }));
  for (const result of results) {
    expect(result!.map((bytes, rank) => Buffer.compare(bytes, own(rank)))).toEqual([0, 0, 0, 0]);
  }
  expect(complete(simulate((comm) => gathered(comm, new Uint8Array(0)), { ranks: 2 })).results[1]).toHaveLength(2);
});

test('ranks of several versions are told on all of them', () => {
  const run = (versions: readonly string[]) =>
    complete(
      simulate(
        function* (comm) {
          try {
            yield* sameVersion(comm, versions[comm.rank]);
            return '';
          } catch (error) {
            return (error as Error).message;
          }
        },
        { ranks: versions.length },
      ),
    ).results;
  expect(run(['0.1.0', '0.1.0'])).toEqual(['', '']);
  const told = run(['0.1.0', '0.1.0', '0.2.0']);
  expect(told[0]).toMatch(/^Rank 0 runs southwell 0\.1\.0 and rank 2 southwell 0\.2\.0:/);
  expect(new Set(told).size).toBe(1);
});
