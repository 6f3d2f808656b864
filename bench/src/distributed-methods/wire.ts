// Bytes of two ranks under mpirun that talk over TCP in a network namespace of their own: as the kernel counts them, and as the
// ranks say; and seconds to an accuracy through a slow link.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment } from '../linear-models/interpreters.ts';
import { ABOUT, type Course, EXCHANGES, type ExchangeName, NETS, type Net, RANKS, type Trained } from './trained.ts';

const program = [process.execPath, fileURLToPath(new URL('./rank.js', import.meta.url)), 'under-mpirun'];
const names = Object.keys(EXCHANGES) as ExchangeName[];

/** Rows that could not be measured, with the reason. */
export interface Skipped {
  readonly name: string;
  readonly why: string;
}

interface Rows {
  readonly tasks: readonly Measurement[];
  readonly skipped: readonly Skipped[];
}

/** Steps of each network. */
const STEPS: Readonly<Record<Net, number>> = { perceptron: 200, convolution: 200, wide: 50 };
/** Bytes of the headers of a segment on the loopback: Ethernet, IP, and TCP with time stamps. */
const HEADERS = 14 + 20 + 32;

/** What the kernel counted. */
interface Counted {
  readonly bytes: number;
  readonly packets: number;
}

/** The bytes of trainings over the loopback of a namespace, less those of a start that trains nothing. */
export function wireRows(say: (line: string) => void): Rows {
  const tasks: Measurement[] = [];
  const idle = overLoopback();
  if ('why' in idle) return skipped('bytes on the wire', idle.why, say);
  say(
    `\nBytes of train on ${RANKS} ranks of Open MPI over TCP: what both say that they sent beside what the kernel counts on the loopback of a network namespace, less the ${idle.bytes} of ranks that only start and end. Without headers: less ${HEADERS} a segment.`,
  );
  const heads = ['said', 'counted', 'said/counted', 'without headers'];
  say(`${''.padEnd(40)}${heads.map((t) => t.padStart(17)).join('')}`);
  for (const net of Object.keys(NETS) as Net[])
    for (const exchange of names) {
      const found = overLoopback({ net, exchange, steps: STEPS[net], validation: 0 });
      if ('why' in found) return skipped('bytes on the wire', found.why, say);
      const [bytes, packets] = [found.bytes - idle.bytes, found.packets - idle.packets];
      const [ours, payload] = [found.course.bytes, bytes - HEADERS * packets];
      const name = `${net}, ${exchange}, bytes`;
      const cells = [`${ours}`, `${bytes}`, (ours / bytes).toFixed(3), (ours / payload).toFixed(3)];
      say(`${name.padEnd(40)}${cells.map((t) => t.padStart(17)).join('')}`);
      const sides = { ours, peer: bytes, peerName: "the kernel's counter", unit: 'bytes' };
      tasks.push({ name, ...sides, payload, packets, net: ABOUT[net], exchange, steps: STEPS[net] });
    }
  return { tasks, skipped: [] };
}

function skipped(name: string, why: string, say: (line: string) => void): Rows {
  say(`\n${name}: skipped, ${why}`);
  return { tasks: [], skipped: [{ name, why }] };
}

const lastLine = (text: string | undefined) => text?.trim().split('\n').at(-1) ?? '';

type Why = { readonly why: string };

/** A training, or a start without one, in a new namespace, whose counters are read at the end. */
function overLoopback(asked?: Trained): (Counted & { readonly course: Course }) | Why {
  const flags = ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none', '-n', String(RANKS)];
  const tcp = ['--mca', 'pml', 'ob1', '--mca', 'btl', 'tcp,self', '--mca', 'btl_tcp_if_include', 'lo'];
  const script = 'ip link set lo up && "$@" && cat /proc/net/dev';
  const words = ['mpirun', ...flags, ...tcp, ...program, ...(asked ? [JSON.stringify(asked)] : [])];
  const run = ['--net', 'sh', '-c', script, 'sh', ...words];
  const { error, status, stdout, stderr } = spawnSync('unshare', run, { encoding: 'utf8', env: environment });
  if (error || status !== 0) return { why: error ? `${error.message}.` : lastLine(stderr) };
  const [, numbers] = /^ *lo: *(.*)$/m.exec(stdout)!;
  const [bytes, packets] = numbers.split(/ +/).map(Number);
  return { bytes, packets, course: JSON.parse(stdout.split('\n').find((line) => line.startsWith('{'))!) };
}

/** The link, and the accuracy on the held-out tenth of the digits. */
const [RATE, TARGET] = ['100mbit', 0.9];
const NET = 'wide';
/** Epochs, by whose ends the accuracy should be reached. */
const EPOCHS = { dense: 3, 'top-k=0.01': 12 } as const;
/** Steps of an epoch of nine tenths of 1797 rows. */
const PER_EPOCH = 25;

/** Seconds to an accuracy on two hosts with a slow cable: the largest entries beside whole gradients. */
export function linkRows(say: (line: string) => void): Rows {
  const title = `${NET}, ${RATE} link, seconds to ${TARGET}`;
  const seconds: Partial<Record<ExchangeName, number | null>> = {};
  const courses: Partial<Record<ExchangeName, Course>> = {};
  for (const exchange of Object.keys(EPOCHS) as Array<keyof typeof EPOCHS>) {
    const found = overLink({ net: NET, exchange, steps: PER_EPOCH * EPOCHS[exchange], validation: 0.1 });
    if ('why' in found) return skipped(title, found.why, say);
    const epoch = found.accuracy.findIndex((a) => a >= TARGET) + 1;
    courses[exchange] = found;
    seconds[exchange] = epoch > 0 ? found.at[epoch * found.perEpoch] : null;
  }
  say(`\n${RANKS} hosts with a cable of ${RATE}: ${ABOUT[NET]}`);
  for (const [exchange, { at, accuracy, perEpoch }] of Object.entries(courses)) {
    const epochs = accuracy.map((a, k) => `${a.toFixed(3)} at ${at[(k + 1) * perEpoch].toFixed(2)} s`);
    say(`  ${exchange}, ${((1000 * at.at(-1)!) / (at.length - 1)).toFixed(0)} ms a step: ${epochs.join(', ')}`);
  }
  const [ours, peer] = [seconds['top-k=0.01'] ?? null, seconds.dense ?? null];
  const cells = [ours, peer].map((t) => t?.toPrecision(3) ?? 'not reached');
  say(`${title}: ${cells[0]} by top-k=0.01, ${cells[1]} dense${ours && peer ? `: ${(ours / peer).toFixed(2)}` : ''}`);
  const about = { net: ABOUT[NET], rate: RATE, target: TARGET, courses };
  return { tasks: [{ name: title, ours, peer, peerName: 'dense', unit: 'wall seconds', ...about }], skipped: [] };
}

/** A training on two network namespaces that are joined by a slow cable. */
function overLink(asked: Trained): Course | Why {
  const script = join(benchRoot, '../scripts/ranks/hosts.sh');
  const words = [script, '--rate', RATE, '--bind-to', 'none', ...program, JSON.stringify(asked)];
  const { error, status, stdout, stderr } = spawnSync('sh', words, { encoding: 'utf8', env: environment });
  if (error || status !== 0) return { why: error ? `${error.message}.` : lastLine(stderr) };
  return JSON.parse(stdout.split('\n').find((line) => line.startsWith('{'))!);
}
