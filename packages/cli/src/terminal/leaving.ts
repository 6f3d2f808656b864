// MPI_Finalize is a collective call that blocks, and ranks exit one by one after it: a rank that is stopped meanwhile
// would go unnoticed, and mpirun would wait for it forever.
import { spawn } from 'node:child_process';
import type { Patience } from '../ranks/joining.ts';

/** Message to the thread of a rank when this process has written all its output. */
export const LEAVE = 'leave';

/**
 * $1: seconds, counted from the first line read; $2: the process; $3: a message, for descriptor 3. Standard input is
 * closed when the process ends; it is kept as 4, since background commands of a shell do not inherit it. Only the shell
 * itself keeps 3 open, on whose end mpirun waits.
 */
const SCRIPT = `read -r _ || exit
exec 4<&0
sleep "$1" 3>&- &
sleeping=$!
{ read -r _ <&4; kill $sleeping; } 3>&- &
wait $sleeping && { echo "$3" >&3; kill -9 "$2"; }`;

/** Returns a function that starts a timeout after which another process kills this one. */
export function endInTime({ rank, seconds }: Patience): () => void {
  const sentence = `southwell: Rank ${rank} has not ended ${seconds} s after all ranks were done, and is ended.`;
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sh', String(seconds), String(process.pid), sentence], {
    // Otherwise a signal that stops this process might stop it too.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore', 2],
  });
  // Without a shell there is no timeout.
  child.on('error', () => {});
  child.stdin!.on('error', () => {});
  child.unref();
  return () => child.stdin!.write('\n');
}
