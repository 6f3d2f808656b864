// Registration of point clouds beside small_gicp, with the same voxels, distances and tolerances.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readTable } from '@southwell/data/node';
import {
  composePoses,
  expRotation,
  invertPose,
  type Pose,
  poseDistance,
  poseMatrix,
  poseOf,
  prepareCloud,
  type RegistrationMethod,
  registerClouds,
  transformPoints,
} from 'southwell/geometry';
import { benchmark, type Outcome } from './command.ts';
import type { Measurement } from './document.ts';
import { benchRoot } from './linear-models/datasets.ts';
import { environment } from './linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- registration [options]
  --tasks <T,…>   some of lidar, bunny (both are the default)
  --data <dir>    where lidar_pair and bunny_scans are (default ../shared/data)
  --rounds <N>    default 5
  --json          results as JSON on standard output, progress on standard error

small_gicp's source is at SMALL_GICP, and is compiled with -O3 -march=native by g++ and Eigen's headers (EIGEN, default
/usr/include/eigen3) into a folder of its own. CPU seconds on one thread, the best of the rounds, each side in a process of its own:
voxels, trees, normals and covariances of both clouds, point to plane, generalised; the first call of ours, its JavaScript not yet
compiled, too. Poses are off by so much from the published ones.`;

export const main = benchmark(usage, command);

const METHODS = ['point-to-plane', 'generalised'] as const;
interface Settings {
  readonly voxel: number;
  readonly maxDistance: number;
  readonly rotation: number;
  readonly translation: number;
}
interface Pair {
  readonly source: Float64Array;
  readonly target: Float64Array;
  readonly truth: Pose;
  readonly settings: Settings;
}
interface Timed {
  readonly seconds: number;
  /** For ours: the first call. */
  readonly first?: number;
}
interface Aligned extends Timed {
  readonly iterations: number;
  readonly pose: readonly number[];
}
type Side = { readonly prepare: Timed & { readonly points: number } } & Readonly<
  Record<(typeof METHODS)[number], Aligned>
>;

async function command(args: readonly string[]): Promise<Outcome | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tasks: { type: 'string', default: Object.keys(PAIRS).join() },
      data: { type: 'string', default: join(benchRoot, '../../shared/data') },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a whole number from 1.');
  const tasks = values.tasks.split(',');
  const wrong = tasks.find((name) => !Object.hasOwn(PAIRS, name));
  if (wrong !== undefined) throw new Error(`--tasks are some of ${Object.keys(PAIRS).join(', ')}, not ${wrong}.`);
  const say = values.json ? console.error : console.log;
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}`,
  );
  const folder = mkdtempSync(join(tmpdir(), 'southwell-bench-'));
  try {
    const peer = compiled(folder, say);
    const heads = [
      'southwell',
      'first',
      'small_gicp',
      'ratio',
      'off, mm',
      'its, mm',
      'off, °',
      'its, °',
      'steps',
      'its',
    ];
    say(`CPU milliseconds\n\n${'task'.padEnd(22)}${heads.map((t) => t.padStart(11)).join('')}`);
    const results: Measurement[] = [];
    for (const task of tasks as Array<keyof typeof PAIRS>) {
      const { source, target, truth, settings } = await PAIRS[task](values.data);
      const paths = Object.entries({ source, target }).map(([name, points]) => {
        const path = join(folder, `${task}-${name}.f64`);
        writeFileSync(path, points);
        return path;
      });
      const own = ours(paths, settings, rounds);
      const theirs = peer === undefined ? undefined : theirsOf(peer, paths, settings, rounds);
      for (const part of ['prepare', ...METHODS] as const) {
        const [a, b] = [own[part], theirs?.[part]];
        const ratio = b ? a.seconds / b.seconds : undefined;
        const off = (cell: Timed | undefined) =>
          cell && 'pose' in cell ? poseDistance(poseOf((cell as Aligned).pose), truth) : undefined;
        const [mine, its] = [off(a), off(b)];
        const sides = { ours: a.seconds, peer: b?.seconds, peerName: 'small_gicp' };
        const details = { own: { ...a, off: mine }, theirs: b && { ...b, off: its } };
        results.push({ name: `${task} ${part}`, ...sides, task, part, ...details });
        const shown = [
          ...[1e3 * a.seconds, 1e3 * (a.first ?? Number.NaN), b && 1e3 * b.seconds, ratio],
          ...[mine && 1e3 * mine.translation, its && 1e3 * its.translation],
          ...[mine && (180 / Math.PI) * mine.rotation, its && (180 / Math.PI) * its.rotation],
        ].map((v) => (v === undefined ? '' : v.toPrecision(3)));
        const steps = [a, b].map((cell) => (cell && 'iterations' in cell ? String(cell.iterations) : ''));
        say(`${`${task} ${part}`.padEnd(22)}${[...shown, ...steps].map((t) => t.padStart(11)).join('')}`);
      }
    }
    return { tasks: results, json: values.json };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The peer's compiled program; undefined, with a message, if it cannot be built. */
function compiled(folder: string, say: (text: string) => void): string | undefined {
  const { SMALL_GICP, EIGEN = '/usr/include/eigen3' } = process.env;
  if (SMALL_GICP === undefined || !existsSync(join(SMALL_GICP, 'include/small_gicp'))) {
    say(
      SMALL_GICP === undefined
        ? 'Without small_gicp: SMALL_GICP does not say where its source is.'
        : `Without small_gicp: ${SMALL_GICP} has no include/small_gicp.`,
    );
    return undefined;
  }
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'small_gicp');
  const words = [
    '-O3',
    '-march=native',
    '-DNDEBUG',
    '-std=c++17',
    `-I${join(SMALL_GICP, 'include')}`,
    `-isystem${EIGEN}`,
  ];
  const r = spawnSync('g++', [...words, join(benchRoot, 'peers/small_gicp.cpp'), '-o', program], { encoding: 'utf8' });
  if (r.status === 0) return program;
  say(`Without small_gicp: g++ ended: ${r.error?.message ?? r.stderr.trim().split('\n')[0]}`);
  return undefined;
}

const PAIRS = {
  /** Two lidar scans, with the ground-truth pose. */
  async lidar(data: string): Promise<Pair> {
    const read = async (name: string) => {
      const { rows, columns } = await readTable(join(data, `lidar_pair/${name}.ply`));
      const lists = ['x', 'y', 'z'].map((axis) => columns.find((column) => column.name === axis));
      const out = new Float64Array(3 * rows);
      lists.forEach((column, k) => {
        if (column?.type !== 'number') throw new Error(`lidar_pair/${name}.ply has no column ${'xyz'[k]}.`);
        for (let i = 0; i < rows; i++) out[3 * i + k] = column.values[i];
      });
      return out;
    };
    const text = readFileSync(join(data, 'lidar_pair/T_target_source.txt'), 'utf8');
    return {
      ...{ source: await read('source'), target: await read('target') },
      truth: poseOf(text.trim().split(/\s+/).map(Number)),
      settings: { voxel: 0.25, maxDistance: 1, rotation: (0.1 * Math.PI) / 180, translation: 1e-3 },
    };
  },

  /** Two scans of the bunny 34° apart, starting some degrees off the ground-truth pose. */
  async bunny(data: string): Promise<Pair> {
    const read = (name: string) => {
      const rows = readFileSync(join(data, `bunny_scans/${name}.ply`), 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number));
      return Float64Array.from(rows.filter((row) => row.length === 3).flat());
    };
    const [x, y, z, w] = [0.00548449, -0.294635, -0.0038555, 0.955586];
    const s = Math.sqrt(x * x + y * y + z * z);
    const told: Pose = {
      rotation: expRotation([x, y, z].map((v) => (-2 * Math.atan2(s, w) * v) / s)),
      translation: Float64Array.of(-0.0520211, -0.000383981, -0.0109223),
    };
    const off: Pose = {
      rotation: expRotation([0.03, -0.02, 0.04]),
      translation: Float64Array.of(0.003, -0.002, 0.002),
    };
    return {
      ...{ source: transformPoints(composePoses(off, told), read('bun045')), target: read('bun000') },
      truth: invertPose(off),
      settings: { voxel: 0.002, maxDistance: 0.01, rotation: 1e-4, translation: 1e-6 },
    };
  },
};

function ours(paths: readonly string[], settings: Settings, rounds: number): Side {
  const given = JSON.stringify([paths, settings, rounds]);
  const code = `const { cell } = await import(${JSON.stringify(import.meta.url)}); console.log(JSON.stringify(cell(...${given})));`;
  const r = spawnSync(process.execPath, ['--input-type=module', '-e', code], { env: environment, encoding: 'utf8' });
  if (r.status !== 0) throw new Error(`southwell ended: ${r.stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(r.stdout);
}

function theirsOf(program: string, paths: readonly string[], settings: Settings, rounds: number): Side {
  const { voxel, maxDistance, rotation, translation } = settings;
  const words = [...paths, ...[voxel, maxDistance, rotation, translation, rounds].map(String)];
  const r = spawnSync(program, words, { env: environment, encoding: 'utf8' });
  if (r.status !== 0) throw new Error(`small_gicp ended with ${r.status}: ${r.stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(r.stdout);
}

/** Seconds for which short calls are repeated, on either side. */
const WHILE = 1;

function best(rounds: number, call: () => void): { readonly seconds: number; readonly first: number } {
  let [seconds, first, total] = [Number.POSITIVE_INFINITY, 0, 0];
  for (let round = 0; round < rounds || (total < WHILE && round < 1000); round++) {
    const start = process.cpuUsage();
    call();
    const { user, system } = process.cpuUsage(start);
    const spent = (user + system) / 1e6;
    if (round === 0) first = spent;
    seconds = Math.min(seconds, spent);
    total += spent;
  }
  return { seconds, first };
}

/** Our side, in this process. */
export function cell(paths: readonly string[], settings: Settings, rounds: number): Side {
  const [source, target] = paths.map((path) => {
    const { buffer, byteOffset, length } = readFileSync(path);
    return new Float64Array(buffer.slice(byteOffset, byteOffset + length));
  });
  const { voxel, maxDistance, rotation, translation } = settings;
  const prepared = () =>
    [source, target].map((points) => {
      const cloud = prepareCloud(points, { voxel, neighbours: 10 });
      // Computed on first access.
      void cloud.sortedNormals;
      return cloud;
    });
  let made: ReturnType<typeof prepared> = [];
  const prepare = best(rounds, () => {
    made = prepared();
  });
  const [from, to] = made;
  const aligned = (method: RegistrationMethod): Aligned => {
    const options = { method, maxDistance, tolerances: { rotation, translation } };
    let found = { iterations: 0, pose: [] as readonly number[] };
    const timed = best(rounds, () => {
      const { iterations, pose } = registerClouds(from, to, options);
      found = { iterations, pose: poseMatrix(pose) };
    });
    return { ...timed, ...found };
  };
  return {
    prepare: { ...prepare, points: from.size },
    'point-to-plane': aligned('point-to-plane'),
    generalised: aligned('generalised'),
  };
}
