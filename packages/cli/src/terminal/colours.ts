import { createColors } from 'picocolors';
import { startedBy } from '../ranks/started-by.ts';

/**
 * Colours for people at a terminal, not for pipes. picocolors by itself also colours wherever CI is set, so that a script
 * there would read escape codes. mpirun gives every rank a terminal, wherever its own output goes.
 */
const { env, stdout } = process;
const forced = env.FORCE_COLOR !== undefined && !['', '0', 'false'].includes(env.FORCE_COLOR);
export default createColors(
  !env.NO_COLOR && (forced || (stdout.isTTY === true && env.TERM !== 'dumb' && startedBy(env) === undefined)),
);
