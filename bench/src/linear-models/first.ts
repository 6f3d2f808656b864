// First fits: the import time of a library, and its first fit in a process that has only imported it and loaded the
// arrays, before any just-in-time compilation.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeNpy } from '@southwell/data/node';
import type { Outcome } from '../command.ts';
import { geometricMean, type Measurement } from '../document.ts';
import { alphaMax } from './certificate.ts';
import { benchRoot, prepare } from './datasets.ts';
import { gridTasks } from './grid.ts';
import { environment, findVersions, python } from './interpreters.ts';
import type { Task } from './tasks.ts';

/** Cells of the grid that a library fits in about a second or less. */
const NAMES = [
  'grid-40x3000-r0.5-path',
  'grid-100x1000-r0.9-lasso-100',
  'grid-200x200-r0.5-path',
  'grid-500x50-r0-path',
  'grid-2000x500-r0.9-lasso-100',
  'grid-5000x100-r0.5-path',
  'grid-300x3000-r0.9-logistic-10',
  'grid-20000x50-r0.5-logistic-100',
  'grid-49749x300-binary-logistic-10',
];

interface First {
  readonly imported: number;
  readonly fitted: number;
}

function run(words: readonly string[]): First {
  const { stdout, stderr } = spawnSync(words[0], words.slice(1), { env: environment, encoding: 'utf8' });
  const [imported, , fitted] = (/@ (\S+) (\S+) (\S+)/.exec(stdout) ?? []).slice(1).map(Number);
  if (!(fitted >= 0)) throw new Error(stderr.trim().split('\n').at(-1));
  return { imported, fitted };
}

const IMPORT = `const t = performance.now(); await import('southwell'); console.log('@', (performance.now() - t) / 1000, 0, 0)`;

async function measure(task: Task, repeats: number) {
  const data = await prepare(task.set);
  const which = task.model.loss === 'logistic' ? 'labels' : 'y';
  const top = alphaMax(task.model, data.X, data[which]);
  const folder = mkdtempSync(join(tmpdir(), 'southwell-first-'));
  const file = join(folder, 'alphas.npy');
  writeFileSync(file, writeNpy(Float64Array.from(task.shares, (share) => share * top)));
  const rest = [data.dir, task.model.loss, which, file];
  try {
    const ours: First[] = [];
    const theirs: First[] = [];
    for (let k = 0; k < repeats; k++) {
      const { fitted } = run([process.execPath, join(benchRoot, 'dist/linear-models/firstFit.js'), ...rest, '1e-6']);
      const { imported } = run([process.execPath, '--input-type=module', '-e', IMPORT]);
      ours.push({ imported, fitted });
      // At tolerances that reach about the same gap.
      theirs.push(run([python.command, join(benchRoot, 'peers/first.py'), ...rest, '1e-5']));
    }
    const least = (of: readonly First[], what: keyof First) => Math.min(...of.map((first) => first[what]));
    return {
      task: task.name,
      ours: { imported: least(ours, 'imported'), fitted: least(ours, 'fitted') },
      theirs: { imported: least(theirs, 'imported'), fitted: least(theirs, 'fitted') },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    if (data.X.kind === 'dense') data.X.free();
  }
}

/** Imports and first fits beside scikit-learn's, minimum over repetitions. */
export async function firstFits(repeats: number, json: boolean): Promise<Outcome> {
  if (!findVersions().sklearn) {
    throw new Error('First fits are measured beside scikit-learn, which is not there.');
  }
  const rows: Awaited<ReturnType<typeof measure>>[] = [];
  for (const task of gridTasks.filter(({ name }) => NAMES.includes(name))) {
    const row = await measure(task, repeats);
    rows.push(row);
    console.error(`${row.task}: ${JSON.stringify(row)}`);
  }
  const fits = rows.map(({ ours, theirs }) => ours.fitted / theirs.fitted);
  const both = rows.map(({ ours, theirs }) => (ours.imported + ours.fitted) / (theirs.imported + theirs.fitted));
  if (!json) {
    console.log('\n| seconds | import | first fit | scikit-learn: import | first fit | ratio of fits | with imports |');
    console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
    rows.forEach(({ task, ours, theirs }, k) => {
      const cells = [ours.imported, ours.fitted, theirs.imported, theirs.fitted, fits[k], both[k]];
      console.log(`| ${task} | ${cells.map((v) => v.toPrecision(3)).join(' | ')} |`);
    });
    console.log(
      `\nGeometric means: first fit ${geometricMean(fits)?.toPrecision(3)}, with imports ${geometricMean(both)?.toPrecision(3)}.`,
    );
  }
  const tasks = rows.flatMap(({ task, ours, theirs }): Measurement[] => {
    const sides = { peerName: 'scikit-learn' };
    const unit = 'CPU seconds, of the import wall seconds';
    const [own, other] = [ours, theirs].map(({ imported, fitted }) => imported + fitted);
    return [
      { name: `${task}, first fit`, ours: ours.fitted, peer: theirs.fitted, ...sides },
      { name: `${task}, import and first fit`, ours: own, peer: other, ...sides, unit },
    ];
  });
  return { tasks, json };
}
