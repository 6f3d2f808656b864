/** Jobs of factor that take long enough to be interrupted. */
import { Random } from '@southwell/numerics/core';
import type { workshop } from '../testing.ts';

const wave = (i: number, j: number) => Math.sin(0.37 * i * (j + 1)) + Math.cos(0.11 * (i + 3) * (j + 2)) + 2;
const rows = Array.from({ length: 400 }, (_, i) => Array.from({ length: 12 }, (__, j) => wave(i, j).toFixed(4)));
const names = rows[0].map((_, j) => `c${j}`);
const known = rows.slice(0, 60).flatMap((r, i) => r.flatMap((v, j) => ((i * 7 + j * 5) % 3 ? [`${i},${j},${v}`] : [])));

/** Without dominant components, singular vectors take several cycles. */
const noise = new Random(1);
const wide = Array.from({ length: 300 }, () => Array.from({ length: 120 }, () => noise.normal().toFixed(3)).join());

export const [x, y] = [names.slice(0, 6).join(), names.slice(6).join()];
export const stream = ['cca', 'waves.csv', '--x', x, '--y', y, '-k', '2', '--method', 'stochastic', '--stream'];
export const dictionary = ['dictionary', 'waves.csv', '-k', '4'];

/** One job per method, with a fraction of the number of steps that takes some seconds. */
export const jobsOf = (share: number): Readonly<Record<string, readonly string[]>> => ({
  svd: ['svd', 'wide.csv', '-k', '4', '--tol', '1e-12'],
  nmf: ['nmf', 'waves.csv', '-k', '6', '--drop', 'kind', '--tol', '0', '--max-iter', String(3000 * share)],
  'sparse-pca': [
    'sparse-pca',
    'bundled:digits',
    '-k',
    '8',
    '--drop',
    'digit',
    '--tol',
    '0',
    '--max-iter',
    String(150 * share),
  ],
  complete: [
    'complete',
    'known.csv',
    '--rank',
    '4',
    '--holdout',
    '0.1',
    '--tol',
    '0',
    '--max-iter',
    String(2000 * share),
  ],
  'dictionary, batch': [...dictionary, '--drop', 'kind', '--alpha', '0.05', '--max-iter', String(150 * share)],
  'dictionary, online': [...dictionary, '--drop', 'kind', '--method', 'online', '--passes', String(40 * share)],
  'dictionary, orthogonal': [
    ...[
      'dictionary',
      'waves.csv',
      '--drop',
      'kind',
      '--method',
      'orthogonal',
      '--whiten',
      '--passes',
      String(200 * share),
    ],
  ],
  'dictionary, supervised': [
    ...dictionary,
    '--method',
    'supervised',
    '--target',
    'kind',
    '--max-iter',
    String(300 * share),
  ],
  cca: ['cca', 'waves.csv', '--x', x, '--y', y, '--method', 'stochastic', '--epochs', String(200 * share)],
  'cca --stream': [...stream, '--epochs', String(40 * share)],
});

export function factorFiles(file: ReturnType<typeof workshop>['file']): void {
  file(
    'waves.csv',
    `${names.join(',')},kind\n${rows.map((r, i) => `${r.join(',')},${i % 3 ? 'a' : 'b'}`).join('\n')}\n`,
  );
  file('known.csv', `i,j,v\n${known.join('\n')}\n`);
  file('wide.csv', `${Array.from({ length: 120 }, (_, j) => `n${j}`).join()}\n${wide.join('\n')}\n`);
}

/** The result without timings and the command line. */
export const resultOf = (json: string) => {
  const { seconds: _, command: __, ...rest } = JSON.parse(json);
  return rest;
};
