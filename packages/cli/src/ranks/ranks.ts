import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkOptions } from '@southwell/distributed';
import { Option } from 'commander';
import { UsageError } from '../errors.ts';
import { networkOf, type SimulatedNetwork } from './network.ts';
import { startedBy } from './started-by.ts';

export { startedBy };

/** Command-line options for ranks. */
export interface RankOptions {
  /** `auto`: the number with which the command is fastest. */
  readonly ranks?: number | 'auto';
  readonly timeout?: number;
  readonly rankLogs?: string;
  readonly dryRun?: boolean;
  readonly network?: string;
  readonly events?: string;
}

/** One of the ranks of a command, as far as it is known before they connect. */
export interface Place {
  /** `mpi`: this process was started by mpirun or srun. `threads`: this process starts all ranks as threads. */
  readonly kind: 'mpi' | 'threads';
  /** With MPI, the rank of this process; with threads, the first, which reports for all. */
  readonly rank: number;
  readonly size: number;
  /** Seconds after which ranks that do not respond are presumed dead. */
  readonly timeout: number;
  /** The folder of the ranks' log files. */
  readonly logs?: string;
  /** For threads: whether the job chooses how many of them it uses. */
  readonly choose?: boolean;
  /** For threads: the simulated network between them. */
  readonly network?: NetworkOptions;
  /** With a simulated network: seconds that a rank is declared to compute in a step. */
  readonly work?: number;
  /** The file of what happened. */
  readonly events?: string;
}

const TIMEOUT = 60;

/** `choose`: whether a command can choose the number. */
const ranksOption = (choose: boolean): Option =>
  new Option(
    '--ranks <n>',
    `number of ranks, each a thread${choose ? ', or auto for as many as are predicted to be fastest' : ''}; to run ranks as processes, start the command with mpirun or srun`,
  ).argParser((text) => (text === AUTO ? AUTO : Number(text)));
const AUTO = 'auto';
export const RANKS = ranksOption(false);
export const RANKS_OR_AUTO = ranksOption(true);
export const RANK_TIMEOUT = new Option(
  '--timeout <seconds>',
  `time without an answer after which a rank is taken to have failed (default: ${TIMEOUT})`,
).argParser(Number);
export const RANK_LOGS = new Option(
  '--rank-logs <folder>',
  'write a log of each rank with times: rank-0.log and so on',
);

export const NETWORK = new Option(
  '--network <settings>',
  'simulate the network between the threads of --ranks: latency=5e-5,bandwidth=1.25e9,loss=0.01,straggler=1:4',
);

export const EVENTS = new Option(
  '--events <file>',
  'write what the ranks did and sent, message by message, for the page /ranks of the workbench',
);

export const DRY_RUN = new Option('--dry-run', 'print the rows, memory and messages of each rank, and exit');

export const FORECAST = new Option(
  '--dry-run',
  'measure steps and exchanges on the ranks, estimate the seconds of a step, and exit',
);

/** Most threads of a command. */
const THREADS = 128;

/**
 * The rank of this process; undefined if the command runs without ranks. `choose`: whether the command can choose their
 * number, if it has to.
 * @throws UsageError.
 */
export function placeOf(options: RankOptions, choose = false): Place | undefined {
  const { ranks, timeout, rankLogs: logs, dryRun, network, events } = options;
  // A dry run is only a plan, which may be executed elsewhere.
  const most = dryRun ? 65_536 : THREADS;
  if (ranks === AUTO && !choose) {
    throw new UsageError(
      '--ranks auto needs an estimate of the time on ranks, which this command does not make: give the number of ranks.',
    );
  }
  if (ranks === AUTO && network !== undefined) {
    throw new UsageError(
      '--ranks auto compares times, of which a simulated --network has none: give the number of ranks.',
    );
  }
  if (ranks !== AUTO && ranks !== undefined && !(Number.isInteger(ranks) && ranks >= 1 && ranks <= most)) {
    throw new UsageError(`--ranks must be a whole number from 1 to ${most}.`);
  }
  if (timeout !== undefined && !(timeout > 0 && timeout < Number.POSITIVE_INFINITY)) {
    throw new UsageError('--timeout must be a number of seconds above 0.');
  }
  if (events !== undefined && ranks === AUTO) {
    throw new UsageError('--events needs a number of ranks, all of which take part, in place of --ranks auto.');
  }
  const started = startedBy();
  if (started && ranks !== undefined) {
    throw new UsageError('--ranks starts threads, and mpirun or srun has started processes already: leave one out.');
  }
  const common = {
    timeout: timeout ?? TIMEOUT,
    ...(logs !== undefined && { logs }),
    ...(events !== undefined && { events }),
  };
  if (started && network !== undefined) {
    throw new UsageError(
      '--network simulates one between threads, and mpirun or srun has started processes: leave one out.',
    );
  }
  if (started) return { kind: 'mpi', ...started, ...common };
  const { work, ...between } = network === undefined ? ({} as SimulatedNetwork) : networkOf(network);
  const simulated = network === undefined ? {} : { network: between, ...(work && { work }) };
  if (ranks === AUTO) {
    return { kind: 'threads', rank: 0, size: Math.min(THREADS, availableParallelism()), choose: true, ...common };
  }
  if (ranks !== undefined) return { kind: 'threads', rank: 0, size: ranks, ...common, ...simulated };
  const given = { '--timeout': timeout, '--rank-logs': logs, '--network': network, '--events': events };
  const lone = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
  if (lone) throw new UsageError(`${lone} needs several ranks: give --ranks as well.`);
  return undefined;
}

/** The message for a verb that does not support ranks. */
export const onOneRank = (verb: string): string =>
  `southwell ${verb} runs on one rank: leave out mpirun, srun and --ranks.`;

/**
 * Milliseconds in which the first rank has reported an error and all have been terminated, on a busy machine, too; and between the reports of
 * other ranks.
 */
const TURN = 1000;
const NEXT = 100;

/**
 * Avoids duplicate error messages. If all processes make the same error, the first rank reports it, and its exit
 * terminates the others; if only another rank fails, it reports after a delay, with its number. Waits for that time and
 * returns the message.
 */
export async function inTurn(message: string): Promise<string> {
  const rank = startedBy()?.rank ?? 0;
  await turnOf(rank);
  return byRank(rank, message);
}

export async function turnOf(rank: number): Promise<void> {
  if (rank > 0) await sleep(TURN + NEXT * Math.min(rank, 20));
}

/** A message of a rank, with its number unless it is the first or the message already has it. */
export const byRank = (rank: number, message: string): string =>
  rank === 0 || message.startsWith(`Rank ${rank} `) ? message : `Rank ${rank}: ${message}`;
