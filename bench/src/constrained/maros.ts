import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readMps } from '@southwell/data';
import { programOf, quadraticProgram } from 'southwell/constrained';
import type { Measurement } from '../document.ts';
import { fromPython, type PeerAnswer } from './peers.ts';

/** Accuracies at which problems count as solved: relative residuals, and absolute ones. */
const RELATIVE = 1e-6;
const ABSOLUTE = 1e-9;

/** The QPS files of a folder, by name. */
export function qpsFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.qps(\.gz)?$/i.test(name))
    .map((name) => join(folder, name));
}

export function readQps(file: string) {
  const bytes = readFileSync(file);
  return readMps((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
}

export const nameOf = (file: string): string =>
  file
    .split('/')
    .at(-1)!
    .replace(/\.qps(\.gz)?$/i, '');

/** Maros and Mészáros' quadratic programs beside HiGHS and cvxopt, whose times count where they solve the problem. */
export function maros(folder: string, say: (line: string) => void): Measurement[] {
  const files = qpsFiles(folder);
  if (files.length === 0) {
    say(`maros: skipped, there are no QPS files in ${folder}`);
    return [];
  }
  say(`\nMaros and Mészáros: CPU seconds, relative and absolute residuals`);
  const solved = { relative: 0, absolute: 0 };
  const results = files.map((file): Measurement => {
    const { program } = programOf(readQps(file));
    const start = process.cpuUsage();
    const { status, point, certificate, iterations, objective } = quadraticProgram(program);
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    const [relative, absolute] = [certificate!.relative, certificate!.value];
    if (relative <= RELATIVE) solved.relative++;
    if (absolute <= ABSOLUTE) solved.absolute++;
    const answers = fromPython<Record<string, PeerAnswer>>('solve', [file])?.[0] ?? {};
    const good = Object.entries(answers).filter(([, { relative: r }]) => r != null && r <= RELATIVE);
    const fastest = good.sort(([, a], [, b]) => a.seconds! - b.seconds!)[0];
    const cells = [seconds.toFixed(3), relative.toExponential(1), absolute.toExponential(1)];
    const theirs = Object.entries(answers).map(([name, { seconds: s, relative: r, absolute: a }]) =>
      [name, s?.toFixed(3) ?? '–', r?.toExponential(1) ?? '–', a?.toExponential(1) ?? '–'].join(' '),
    );
    say(`${nameOf(file).padEnd(10)} ${status.padEnd(10)} ${cells.join(' ')}   ${theirs.join('   ')}`);
    return {
      name: `maros, ${nameOf(file)}`,
      ours: relative <= RELATIVE ? seconds : null,
      ...{ peer: fastest?.[1].seconds, peerName: fastest?.[0] },
      ...{ status, iterations, objective, relative, absolute, convex: point.convex, peers: answers },
    };
  });
  say(
    `solved at ${RELATIVE} relative: ${solved.relative} of ${files.length}; at ${ABSOLUTE} absolute: ${solved.absolute}`,
  );
  return results;
}
