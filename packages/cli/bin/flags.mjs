// Set for the whole process, before its code is loaded: V8's code cache depends on the flags.
import { setFlagsFromString } from 'node:v8';

// Most jobs are short: a function is optimised only after running nine times as long as V8's default. Ten folds of a
// small table take a quarter less processor time, and long jobs as much as before. Only for Node 20: later releases
// have a mid-tier compiler for such functions, count calls, and do not know the flag.
if (Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString('--interrupt-budget=600000');
