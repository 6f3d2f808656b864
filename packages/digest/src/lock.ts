import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { failFile } from '@southwell/data/node';
import { fail } from '@southwell/numerics/core';
import { makeFolder } from './files.ts';

let names = 0;
// Locks held by this process. In a container, a new process often has the id of a killed one, whose lock is not ours.
const held = new Set<string>();

/**
 * Holds `<path>.lock` while `work` runs, so that two processes do not overwrite each other's changes. A lock whose
 * process has died is taken over. Waits for at most `patience` milliseconds; throws FILE if another process holds it
 * longer.
 */
export async function withLock<T>(path: string, patience: number, work: () => T | Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  makeFolder(path);
  const until = Date.now() + patience;
  // An upper limit, since a lock without an owner, or a missing folder, would be retried forever.
  const end = until + 2000;
  for (let got = take(lock); got !== 'taken'; got = take(lock)) {
    if (Date.now() >= (got === 'busy' ? until : end)) {
      const who = holder(lock) === undefined ? '' : ` by process ${holder(lock)}`;
      fail('FILE', `${path} is in use${who}. If no southwell digest is running, remove ${lock}.`);
    }
    await sleep(got === 'busy' ? 20 : 1);
  }
  try {
    return await work();
  } finally {
    held.delete(lock);
    rmSync(lock, { force: true });
  }
}

/** `again`: the lock of a dead process was removed, or another process was faster. */
function take(lock: string): 'taken' | 'busy' | 'again' {
  const own = `${lock}.${process.pid}-${names++}`;
  try {
    // Written first and then linked, so that nobody sees a lock without its owner.
    writeFileSync(own, String(process.pid), { flag: 'wx' });
    try {
      linkSync(own, lock);
      held.add(lock);
      return 'taken';
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const dead = holder(lock);
    if (dead === undefined) return 'again';
    if (dead === process.pid ? held.has(lock) : isAlive(dead)) return 'busy';
    // Two processes may find the same dead lock. Renaming shows whether it is still that lock, and only then it may be
    // removed.
    renameSync(lock, own);
    if (readFileSync(own, 'utf8') !== String(dead)) linkSync(own, lock);
    return 'again';
  } catch (error) {
    if (['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return 'again';
    failFile(error, lock, 'written');
  } finally {
    rmSync(own, { force: true });
  }
}

function holder(lock: string): number | undefined {
  try {
    return Number(readFileSync(lock, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
