import { createColors } from 'picocolors';
import { startedBy } from '../ranks/started-by.ts';

/**
 * Colours only for terminals, not for pipes. picocolors by default also uses colours if CI is set, so that scripts
 * there would read escape codes. Under mpirun every rank has a terminal, even if its output is redirected.
 */
const { env, stdout } = process;
const forced = env.FORCE_COLOR !== undefined && !['', '0', 'false'].includes(env.FORCE_COLOR);
export default createColors(
  !env.NO_COLOR && (forced || (stdout.isTTY === true && env.TERM !== 'dumb' && startedBy(env) === undefined)),
);
