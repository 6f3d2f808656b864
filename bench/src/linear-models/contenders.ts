// Who takes part, in what, and how each is started.
import { join } from 'node:path';
import { useOpenBlas } from 'southwell';
import { benchRoot } from './datasets.ts';
import { environment, findVersions, python } from './interpreters.ts';
import type { Task } from './tasks.ts';

export interface Contender {
  readonly name: string;
  /** Program and first arguments; the task's follow. */
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** What it is called in its own process. */
  readonly method: string;
  /** Module or package it needs. */
  readonly needs?: string;
  /** Its loosest tolerance worth a try, by default the common gap; each next is a tenth of it. */
  readonly firstTol: number | undefined;
  /** Its tightest. */
  readonly lastTol: number;
  readonly takes: (task: Task) => boolean;
}

const isGroup = (task: Task) => task.model.groupSize > 1;
const isPath = (task: Task) => task.shares.length > 1;
const isLogistic = (task: Task) => task.model.loss === 'logistic';
const isValidated = (task: Task) => task.folds !== undefined;
const takesGram = (task: Task) => !isGroup(task) && !isLogistic(task) && (isPath(task) || isValidated(task));

/** Southwell's tolerance is the common gap itself, so it starts there. */
export const southwell: Contender = {
  name: 'southwell',
  command: [process.execPath, join(benchRoot, 'dist/linear-models/ours.js')],
  environment,
  method: 'southwell',
  firstTol: undefined,
  lastTol: 1e-14,
  takes: () => true,
};

/** The same, dense products by an installed OpenBLAS; undefined where there is none. */
export function southwellWithOpenBlas(): Contender | undefined {
  try {
    useOpenBlas();
    return { ...southwell, name: 'with OpenBLAS', environment: { ...environment, SOUTHWELL_BLAS: 'openblas' } };
  } catch {
    return undefined;
  } finally {
    useOpenBlas(false);
  }
}

const pythonPeer = (name: string, needs: string, takes: Contender['takes']): Contender => ({
  name,
  command: [python.command, join(benchRoot, 'peers/peer.py')],
  environment,
  method: name,
  needs,
  firstTol: 1e-2,
  lastTol: 1e-14,
  takes,
});

/** glmnet's threshold bounds squared changes of coefficients, so it goes down further than the others'. */
const rPeer = (name: string, takes: Contender['takes']): Contender => ({
  name,
  command: ['Rscript', '--vanilla', join(benchRoot, 'peers/glmnet.R')],
  environment,
  method: name,
  needs: 'glmnet',
  firstTol: 1e-2,
  lastTol: 1e-20,
  takes,
});

const everyPeer: readonly Contender[] = [
  pythonPeer('scikit-learn', 'sklearn', (task) => !isGroup(task) && !isLogistic(task)),
  pythonPeer('scikit-learn-gram', 'sklearn', takesGram),
  pythonPeer('liblinear', 'sklearn', (task) => isLogistic(task) && !isPath(task)),
  pythonPeer('saga', 'sklearn', (task) => isLogistic(task) && !isPath(task)),
  rPeer('glmnet', (task) => !isGroup(task) && !isValidated(task)),
  rPeer('glmnet-path', (task) => !isGroup(task) && !isPath(task)),
  pythonPeer('adelie', 'adelie', (task) => isPath(task) && !isValidated(task)),
  pythonPeer('celer', 'celer', (task) => !isValidated(task)),
  pythonPeer('skglm', 'skglm', (task) => !isValidated(task)),
  pythonPeer('blitz', 'blitzl1', (task) => !isGroup(task) && !isValidated(task)),
];

export interface Field {
  readonly peers: readonly Contender[];
  readonly absent: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

/** The peers that are there, of those named (default: all). Throws for a name that no peer has. */
export function findPeers(names?: readonly string[]): Field {
  for (const name of names ?? []) {
    if (!everyPeer.some((peer) => peer.name === name)) {
      throw new Error(`There is no peer "${name}"; there are ${everyPeer.map((peer) => peer.name).join(', ')}.`);
    }
  }
  const wanted = everyPeer.filter((peer) => !names || names.includes(peer.name));
  const versions: Record<string, string> = wanted.length > 0 ? findVersions() : {};
  const there = (peer: Contender) => versions[peer.needs!] !== undefined;
  return {
    peers: wanted.filter(there),
    absent: wanted.filter((peer) => !there(peer)).map((peer) => peer.name),
    versions,
  };
}
