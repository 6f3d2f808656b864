// The contenders, the tasks that they support, and how they are started.
import { join } from 'node:path';
import { useOpenBlas } from 'southwell';
import { benchRoot } from './datasets.ts';
import { environment, findVersions, python } from './interpreters.ts';
import type { Task } from './tasks.ts';

export interface Contender {
  readonly name: string;
  /** Program and first arguments; those of the task follow. */
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The method's name in its own process. */
  readonly method: string;
  /** Module or package that it requires. */
  readonly needs?: string;
  /** The loosest tolerance to try, by default the common gap; each following one is a tenth of it. */
  readonly firstTol: number | undefined;
  /** The tightest tolerance. */
  readonly lastTol: number;
  readonly takes: (task: Task) => boolean;
}

const isGroup = (task: Task) => task.model.groupSize > 1;
const isPath = (task: Task) => task.shares.length > 1;
const isLogistic = (task: Task) => task.model.loss === 'logistic';
const isValidated = (task: Task) => task.folds !== undefined;
const takesGram = (task: Task) => !isGroup(task) && !isLogistic(task) && (isPath(task) || isValidated(task));

/** Southwell's tolerance is the common gap itself, at which it starts. */
export const southwell: Contender = {
  name: 'southwell',
  command: [process.execPath, join(benchRoot, 'dist/linear-models/ours.js')],
  environment,
  method: 'southwell',
  firstTol: undefined,
  lastTol: 1e-14,
  takes: () => true,
};

/** The same with dense products by an installed OpenBLAS; undefined if there is none. */
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

/**
 * glmnet's threshold bounds squared changes of coefficients, so its tolerances extend further down than the others'.
 */
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

/** The installed peers among those named (default: all). Throws for an unknown name. */
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
