import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { hockSchittkowski, modelOfText, type ProgramFamily, programFamilies, writeNl } from '@southwell/data';
import { geometricMean, type Measurement } from '../../document.ts';
import { benchRoot } from '../../linear-models/datasets.ts';
import { environment, python } from '../../linear-models/interpreters.ts';
import { both, type Found, isSolved, type Limits } from './runs.ts';

type Say = (line: string) => void;

/** Objectives closer than this, relatively, are those of the same point. */
export const SAME = 1e-6;

export const cell = (value: number | undefined, digits = 3): string =>
  value === undefined || Number.isNaN(value) ? '–' : value.toPrecision(digits);

/** A row of the document: CPU seconds of whole processes, and everything else that both sides say. */
export function measured(name: string, ours: Found, theirs?: Found, exact?: Found): Measurement {
  // Both to the same accuracy: without Ipopt's tolerance for bounds if that is what it takes.
  const peer = exact && isSolved(exact) ? exact : theirs;
  return {
    ...{ name, ours: isSolved(ours) ? ours.process : null, peer: peer && isSolved(peer) ? peer.process : null },
    ...{ peerName: 'Ipopt', memoryRatio: ours.megabytes && peer?.megabytes ? ours.megabytes / peer.megabytes : null },
    ...{ southwell: ours, ipopt: theirs, ipoptExactBounds: exact },
  };
}

function line(name: string, found: readonly (Found | undefined)[]): string {
  const sides = found.map((side) =>
    !side || side.error !== undefined
      ? (side?.error ?? '–').padEnd(60)
      : [
          `${side.iterations}`.padStart(5),
          `${cell(side.process)} s`.padStart(8),
          `${cell(side.first)} s`.padStart(10),
          `${side.megabytes?.toFixed(0)} MB`.padStart(7),
          side.relative?.toExponential(1) ?? '–',
          (side.status ?? '').slice(0, 22).padEnd(22),
        ].join(' '),
  );
  return `${name.padEnd(20)} ${sides.join(' | ')}`;
}

const HEAD =
  'iterations, CPU of process and first call, memory, relative residual: southwell | Ipopt | with exact bounds';

/** The problems of Hock and Schittkowski beside Ipopt and SciPy. */
export function hock(limits: Limits, say: Say): Measurement[] {
  say(`\nHock and Schittkowski: ${HEAD}`);
  return hockSchittkowski.map((text): Measurement => {
    const model = modelOfText(text);
    const { ours, theirs, exact } = both({ model, ...writeNl(model) }, limits, true);
    const known = [text.best, ...(text.otherMinimum === undefined ? [] : [text.otherMinimum])];
    const scipy = bySciPy(text);
    const ends = Object.entries(scipy).map(([method, { objective, violation, iterations }]) => {
      const good = objective != null && violation! <= 1e-8 && known.some((best) => near(objective, best));
      return `${method} ${good ? iterations : '✗'}`;
    });
    say(`${line(text.name, [ours, theirs, exact])}   ${ends.join(', ')}`);
    const optimal = known.some((best) => near(ours.objective, best));
    return { ...measured(`hs, ${text.name}`, ours, theirs, exact), optimal, warm: ours.warm, scipy };
  });
}

export const near = (a: number | undefined, b: number | undefined): boolean =>
  a !== undefined && b !== undefined && Math.abs(a - b) <= SAME * Math.max(1, Math.abs(b));

interface SciPy {
  readonly seconds: number;
  readonly iterations?: number;
  readonly objective?: number | null;
  readonly violation?: number | null;
}

function bySciPy(text: object): Record<string, SciPy> {
  const { status, stdout } = spawnSync(python.command, [join(benchRoot, 'peers/nonlinear_scipy.py')], {
    ...{ input: JSON.stringify(text), env: environment, encoding: 'utf8' },
  });
  return status === 0 ? JSON.parse(stdout) : {};
}

/** Families of programs at several sizes beside Ipopt. */
export function families(sizes: readonly number[], only: string | undefined, limits: Limits, say: Say): Measurement[] {
  say(`\nFamilies, at most ${limits.seconds} CPU seconds: ${HEAD}`);
  const chosen = programFamilies.filter(({ name }) => only === undefined || only.split(',').includes(name));
  return sizes.flatMap((size) => chosen.map((family) => ofFamily(family, family.sizes[size], limits, say)));
}

function ofFamily({ name, make }: ProgramFamily, size: number, limits: Limits, say: Say): Measurement {
  const model = make(size);
  const { ours, theirs, exact } = both({ model, ...writeNl(model) }, limits);
  const label = `${name} ${model.variables.names.length}`;
  say(line(label, [ours, theirs, exact]));
  return { ...measured(`families, ${label}`, ours, theirs, exact), size, limit: limits.seconds };
}

/** Counts of a set: what is solved on either side, iterations at equal accuracy, CPU, memory and restorations. */
export function summary(tasks: readonly Measurement[], say: Say): void {
  const rows = tasks as readonly (Measurement & { southwell: Found; ipopt?: Found; ipoptExactBounds?: Found })[];
  const count = (test: (row: (typeof rows)[number]) => boolean) => rows.filter(test).length;
  const bySides = (row: (typeof rows)[number]) => [row.ipopt, row.ipoptExactBounds];
  const peerSolved = (row: (typeof rows)[number]) => bySides(row).some((side) => side && isSolved(side));
  const shared = rows.filter((row) => isSolved(row.southwell) && peerSolved(row));
  const ratios = (by: (side: Found) => number | undefined) =>
    shared.map((row) => by(row.southwell)! / by(bySides(row).find((side) => side && isSolved(side))!)!);
  const of = (values: readonly number[]) => {
    const finite = values.filter((v) => Number.isFinite(v) && v > 0);
    return finite.length === 0 ? '–' : `${cell(geometricMean(finite)!)} (worst ${cell(Math.max(...finite))})`;
  };
  const totals = [
    (row: (typeof rows)[number]) => row.southwell,
    (row: (typeof rows)[number]) => bySides(row).find((side) => side && isSolved(side))!,
  ];
  const sums = totals.map((side) => shared.reduce((sum, row) => sum + side(row).iterations!, 0));
  say(
    `solved at ${1e-8}: southwell ${count((row) => isSolved(row.southwell))}, Ipopt ${count((row) => !!row.ipopt && isSolved(row.ipopt))}, with exact bounds too ${count(peerSolved)}, of ${rows.length}`,
  );
  say(`where both: iterations ${sums.join(' beside ')}, ratio ${of(ratios(({ iterations }) => iterations))}`);
  say(`CPU of processes ${of(ratios((side) => side.process))}, of first calls ${of(ratios(({ first }) => first))}`);
  const warm = shared.filter(({ southwell }) => southwell.warm).map((row) => row.southwell.warm! / row.ipopt!.first!);
  if (warm.length > 0) say(`CPU of warm calls over Ipopt's ${of(warm)}`);
  say(`memory ${of(ratios(({ megabytes }) => megabytes))}`);
  const restored = rows.filter(({ southwell }) => (southwell.restorations ?? 0) > 0);
  say(`the restoration phase was entered in ${restored.length}: ${restored.map(({ name }) => name).join('; ')}`);
  const lost = rows.filter((row) => !isSolved(row.southwell) && peerSolved(row));
  if (lost.length > 0) say(`lost to Ipopt: ${lost.map(({ name }) => name).join('; ')}`);
}
