// Ranks leave MPI together, in a call that blocks, and then end one by one: whoever is stopped meanwhile is asked by nobody, and
// mpirun would wait for it without end.
import { spawn } from 'node:child_process';
import type { Patience } from '../ranks/joining.ts';

/** What the thread of a rank is told when all is written that this process has to write. */
export const LEAVE = 'leave';

/**
 * $1: seconds, from a first line on; $2: the process; $3: a sentence, for descriptor 3. Standard input ends with the process; it is
 * kept as 4, as what is started beside the shell is given none. Only the shell itself holds 3 open: mpirun waits for its end.
 */
const SCRIPT = `read -r _ || exit
exec 4<&0
sleep "$1" 3>&- &
sleeping=$!
{ read -r _ <&4; kill $sleeping; } 3>&- &
wait $sleeping && { echo "$3" >&3; kill -9 "$2"; }`;

/** Gives what has another process end this one unless it ends by itself in time, from when it is called. */
export function endInTime({ rank, seconds }: Patience): () => void {
  const sentence = `southwell: Rank ${rank} has not ended ${seconds} s after all ranks were done, and is ended.`;
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sh', String(seconds), String(process.pid), sentence], {
    // Or what stops this process might stop it, too.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore', 2],
  });
  // Without a shell there is nobody who minds.
  child.on('error', () => {});
  child.stdin!.on('error', () => {});
  child.unref();
  return () => child.stdin!.write('\n');
}
