import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpy } from '@southwell/data';
import { DenseMatrix, Random } from 'southwell';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { agree, faiss, inTurn, ours } from './contenders.ts';

const QUERIES = 2000;
const tasks = ['exact-all', 'exact-queries', 'inverted-0.9', 'inverted-0.95', 'inverted-0.99'] as const;

interface Settings {
  readonly rows: number;
  readonly cols: number;
  readonly groups: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/** Ten nearest neighbours beside faiss: its flat index and its inverted file, with √n lists on both sides. */
export function searches({ rows, cols, groups, rounds, say }: Settings): Measurement[] {
  if (rows <= 10) return [];
  say(`\nten nearest neighbours in ${rows} × ${cols}: of all rows, of ${QUERIES} queries\n`);
  const titles = ['southwell', 'faiss', 'ratio', 'MB', 'MB', 'index s', 'index s'];
  say(`${'data, task'.padEnd(24)}${titles.map((t) => t.padStart(11)).join('')}  recall (lists)`);
  const lists = Math.max(1, Math.round(Math.sqrt(rows)));
  const results: Measurement[] = [];
  for (const [name, spread] of [
    ['groups', 2],
    ['cloud', 0],
  ] as const) {
    const folder = prepared(`search-${name}-${rows}-${cols}-${groups}`, rows, cols, groups, spread);
    for (const task of tasks) {
      let found: ReturnType<typeof inTurn>;
      try {
        // The number of lists for the required recall is determined in the first round.
        const contender = (run: typeof ours) => {
          let probes: number | undefined;
          return () => {
            const answer = run(folder, task, String(lists), ...(probes ? [String(probes)] : []));
            probes = answer.probes;
            return answer;
          };
        };
        found = inTurn(rounds, contender(ours), [contender(faiss)]);
      } catch (error) {
        if (!/No module named/.test(String(error))) throw error;
        say('There is no faiss to compare with; SOUTHWELL_PYTHON names a python that has it.');
        return results;
      }
      const [theirs] = found.others;
      if (task.startsWith('exact')) agree(`${name}, ${task}`, found.first, theirs);
      const own = found.first;
      const sides = { ours: own.cpu, peer: theirs.cpu, peerName: 'faiss', ratio: found.ratio };
      results.push({ name: `${name}, ${task}`, ...sides, memoryRatio: own.peak / theirs.peak, own, theirs });
      const cells = [found.first.cpu, theirs.cpu, found.ratio].map((v) => v.toPrecision(3).padStart(11));
      const sizes = [found.first.peak, theirs.peak].map((v) => v.toFixed(0).padStart(11));
      const made = [found.first.made, theirs.made].map((v) => (v?.toPrecision(2) ?? '').padStart(11));
      const recalls = [found.first, theirs].flatMap(({ recall, probes }) =>
        recall === undefined ? [] : [`${recall.toFixed(3)} (${probes})`],
      );
      say(`${`${name}, ${task}`.padEnd(24)}${[...cells, ...sizes, ...made].join('')}  ${recalls.join(', ')}`);
    }
  }
  return results;
}

/** Rows and queries from the same distribution, as files that both sides read. */
function prepared(name: string, rows: number, cols: number, groups: number, spread: number): string {
  const folder = join(benchRoot, '.cache', name);
  if (existsSync(join(folder, 'Q.npy'))) return folder;
  const random = new Random(2);
  const centres = Float64Array.from({ length: groups * cols }, () => spread * random.normal());
  const draw = (n: number): DenseMatrix => {
    const M = DenseMatrix.create(n, cols);
    for (let i = 0; i < n; i++) {
      const group = random.integer(groups);
      // Rounded to single precision, the only one that faiss supports.
      for (let j = 0; j < cols; j++) M.set(i, j, Math.fround(centres[group * cols + j] + random.normal()));
    }
    return M;
  };
  mkdirSync(folder, { recursive: true });
  for (const [file, n] of [
    ['X', rows],
    ['Q', QUERIES],
  ] as const) {
    const M = draw(n);
    writeFileSync(join(folder, `${file}.npy`), writeNpy(M));
    M.free();
  }
  return folder;
}
