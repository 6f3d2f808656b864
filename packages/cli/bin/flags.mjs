// For the whole process, and before its code is loaded: V8 keeps code together with the flags that it was made under.
import { setFlagsFromString } from 'node:v8';

// Most jobs are short: a function is optimised once it has run nine times as long as V8 waits for by itself. Ten folds of a
// small table take a quarter less processor time, long jobs as much as before.
// Node 20 alone: later releases have a compiler between for such functions, count calls, and do not know the flag.
if (Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString('--interrupt-budget=600000');
