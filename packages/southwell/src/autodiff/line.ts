/** The folder of this room, or the file that it was bundled into: frames from there are not the user's. */
const here = (() => {
  const file = import.meta.url;
  return /\/line\.[jt]s(\?.*)?$/.test(file) ? file.replace(/line\.[jt]s(\?.*)?$/, '') : file;
})();
const plain = here.replace(/^file:\/\//, '');

/** Where the caller of this room stands, as `file:line:column`; empty where the engine does not tell. */
export function callerLine(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 60;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = stackTraceLimit;
  for (const frame of stack.split('\n').slice(1)) {
    const place = /\(?((?:file|https?|node|webpack|blob)?:?[^\s()]*:\d+:\d+)\)?$/.exec(frame.trim())?.[1];
    if (!place || place.startsWith('node:')) continue;
    // Tests of this room are users of it.
    if ((place.startsWith(here) || place.startsWith(plain)) && !/\.test\.[jt]s/.test(place)) continue;
    return place.replace(/^file:\/\//, '');
  }
  return '';
}

/** ` (file:line:column)` of the caller, for the end of a phrase. */
export function atLine(): string {
  const line = callerLine();
  return line ? ` (${line})` : '';
}
