/** `file:line:column` at the end of a stack frame, in the formats of V8 and other engines. */
const PLACE = /((?:[a-z-]+:\/\/|\/|[A-Za-z]:[\\/])[^\s()]*):(\d+):(\d+)\)?$/;

/** The files of a stack with their locations, innermost first. */
function frames(): Array<{ readonly file: string; readonly place: string }> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 60;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = stackTraceLimit;
  return stack.split('\n').flatMap((frame) => {
    const match = PLACE.exec(frame.trim());
    const file = match?.[1].replace(/^file:\/\//, '');
    return file === undefined ? [] : [{ file, place: `${file}:${match![2]}:${match![3]}` }];
  });
}

/**
 * The folder of this package's source or of its bundles, or the file into which somebody else bundled it; frames there are
 * not the user's.
 */
const own = (frames()[0]?.file ?? '')
  .replace(/[^\\/]*line\.[jt]s(\?.*)?$/, '')
  .replace(/(autodiff[\\/]dist[\\/]node[\\/])[^\\/]*$/, '$1');

/** Location of the user's call as `file:line:column`; empty if the engine does not provide it. */
export function callerLine(): string {
  // Tests in this folder count as users.
  return frames().find(({ file }) => !file.startsWith(own) || /\.test\.[jt]s/.test(file))?.place ?? '';
}

/** ` (file:line:column)` of the caller, for the end of a phrase. */
export function atLine(): string {
  const line = callerLine();
  return line ? ` (${line})` : '';
}
