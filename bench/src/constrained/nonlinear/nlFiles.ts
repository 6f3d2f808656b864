import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readNl, writeMps } from '@southwell/data';
import type { Model } from '@southwell/numerics/expressions';
import type { Measurement } from '../../document.ts';
import { benchRoot } from '../../linear-models/datasets.ts';
import { environment, python } from '../../linear-models/interpreters.ts';
import { both, type Found, isSolved, type Limits } from './runs.ts';
import { cell, measured, near } from './sets.ts';

type Say = (line: string) => void;

/** Files in AMPL's format beside Ipopt; linear models with integers beside HiGHS. What is refused is named. */
export function nlFiles(folder: string, limits: Limits, say: Say): Measurement[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.nl')) : [];
  if (names.length === 0) say(`nl: skipped, there are no .nl files in ${folder}`);
  else say(`\nModels in AMPL's format: iterations and objective, southwell | Ipopt, and how they compare`);
  const counts = new Map<string, number>();
  const tasks = names.sort().map((name): Measurement => {
    const nl = readFileSync(join(folder, name));
    const { outcome, task } = compared(name.replace(/\.nl$/, ''), nl, limits, say);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    return { ...task, outcome };
  });
  say([...counts].map(([outcome, count]) => `${outcome}: ${count}`).join('; '));
  return tasks;
}

function compared(name: string, nl: Uint8Array, limits: Limits, say: Say): { outcome: string; task: Measurement } {
  const label = `nl, ${name}`;
  let model: Model;
  try {
    ({ model } = readNl(nl));
  } catch (error) {
    const { message } = error as Error;
    const peer = endOfIpopt(nl, limits);
    say(`${name.padEnd(36)} refused: ${message} | ${peer}`);
    return { outcome: `refused, Ipopt: ${peer}`, task: { name: label, ours: null, southwell: { error: message } } };
  }
  if (model.variables.integer.some((v) => v === 1)) return withIntegers(name, nl, model, limits, say);
  const { ours, theirs, exact } = both({ model, nl }, limits);
  const outcome = outcomeOf(ours, theirs, exact);
  const told = [ours, theirs].map((side) =>
    side ? (side.error ?? `${side.iterations} ${cell(side.objective, 8)} ${side.status}`).slice(0, 60) : '–',
  );
  say(`${name.padEnd(36)} ${told[0].padEnd(36)} | ${told[1].padEnd(56)} ${outcome}`);
  return { outcome, task: { ...measured(label, ours, theirs, exact), ...toldAs(outcome, ours, theirs) } };
}

/** How Ipopt ends with a file that is refused here. */
function endOfIpopt(nl: Uint8Array, { seconds }: Limits): string {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-bench-'));
  try {
    writeFileSync(join(folder, 'model.nl'), nl);
    const words = ['-c', `ulimit -t ${seconds}; exec ipopt model.nl -AMPL`];
    const { stdout, stderr } = spawnSync('/bin/sh', words, { encoding: 'utf8', cwd: folder });
    return /^EXIT: (.*)$/m.exec(stdout)?.[1] ?? (`${stdout}${stderr}`.trim().split('\n').at(-1) || 'no answer');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Times count where both sides tell the same of a model without solution, too. */
const toldAs = (outcome: string, ours: Found, theirs: Found | undefined) =>
  outcome.startsWith('told') ? { ours: ours.process, peer: theirs?.process } : {};

function outcomeOf(ours: Found, theirs: Found | undefined, exact: Found | undefined): string {
  if (ours.status === 'infeasible' || ours.status === 'unbounded') {
    const same = ours.status === 'infeasible' ? /infeasib|inconsistent/i : /diverging|unbounded/i;
    return same.test(theirs?.status ?? '') ? `told ${ours.status} by both` : `told ${ours.status} by southwell alone`;
  }
  const peers = [theirs, exact].filter((side) => side !== undefined && isSolved(side)) as Found[];
  if (!isSolved(ours)) return peers.length > 0 ? 'lost' : 'solved by neither';
  if (peers.length === 0) return 'solved by southwell alone';
  return peers.some((peer) => near(ours.objective, peer.objective)) ? 'same objective' : 'another KKT point';
}

/** Through the command, which has HiGHS solve linear models and refuses others. */
function withIntegers(name: string, nl: Uint8Array, model: Model, limits: Limits, say: Say) {
  const label = `nl, ${name}`;
  const folder = mkdtempSync(join(tmpdir(), 'southwell-bench-'));
  try {
    const file = join(folder, 'model.nl');
    writeFileSync(file, nl);
    const command = join(benchRoot, '../packages/cli/bin/southwell.mjs');
    const shell = ['-c', `ulimit -t ${limits.seconds}; exec "$@"`, 'sh', process.execPath, command];
    const run = spawnSync('/bin/sh', [...shell, 'solve', file, '--json'], { encoding: 'utf8', cwd: folder });
    if (run.stdout.trim() === '') {
      const message = /^southwell: (.*)$/m.exec(run.stderr)?.[1] ?? run.stderr.trim();
      say(`${name.padEnd(36)} refused: ${message}`);
      return { outcome: 'refused', task: { name: label, ours: null, southwell: { error: message } } };
    }
    const { objective, status, seconds } = JSON.parse(run.stdout) as Record<string, number>;
    const mps = join(folder, 'model.mps');
    writeFileSync(mps, writeMps(model));
    const peer = byHighs(mps);
    const outcome = near(objective, peer?.objective ?? undefined)
      ? 'same objective'
      : `southwell ${status}, HiGHS ${peer?.status}`;
    say(
      `${name.padEnd(36)} ${cell(objective, 8)} ${status} | ${cell(peer?.objective ?? undefined, 8)} ${peer?.status} ${outcome}`,
    );
    const more = { southwell: { status, objective, relative: 0 }, highs: peer };
    return { outcome, task: { name: label, ours: seconds, peer: peer?.seconds, peerName: 'HiGHS', ...more } };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const HIGHS = `
import json, sys, time, highspy
h = highspy.Highs()
h.setOptionValue('output_flag', False)
h.readModel(sys.argv[1])
begun = time.process_time()
h.run()
print(json.dumps({'seconds': time.process_time() - begun, 'objective': h.getObjectiveValue() if h.getModelStatus() == highspy.HighsModelStatus.kOptimal else None, 'status': h.modelStatusToString(h.getModelStatus())}))`;

function byHighs(mps: string): { seconds: number; objective: number | null; status: string } | undefined {
  const run = spawnSync(python.command, ['-c', HIGHS, mps], { env: environment, encoding: 'utf8' });
  return run.status === 0 ? JSON.parse(run.stdout.trim().split('\n').at(-1)!) : undefined;
}
