import { SouthwellError } from '@southwell/numerics/core';

/** `file:line:column` at the end of a stack frame, in the formats of V8 and other engines. */
const PLACE = /(?<=^|[\s(@])((?:[a-z-]+:\/\/|\/|[A-Za-z]:[\\/])[^\s()]*):(\d+):(\d+)\)?$/;

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

/** Code of a package, by its path from the folder that has the packages: of the repository, or `node_modules`. */
const PACKAGE = /^(?:(?:packages|@southwell)[\\/][\w-]+|southwell)[\\/](?:src|dist|bin)[\\/]/;
const here = frames()[0]?.file ?? '';
const home = /^(.*[\\/])(?:packages|@southwell)[\\/](?:autodiff|cli)[\\/](?:src|dist)[\\/]/.exec(here)?.[1];
/** The folder into which somebody else bundled the packages, together or in parts. */
const bundle = here.replace(/[^\\/]*$/, '');

/** Whether a file is the user's, and not one of the packages; tests count as users. */
function isUsers(file: string): boolean {
  if (/\.test\.[jt]s/.test(file)) return true;
  return home === undefined
    ? !file.startsWith(bundle)
    : !(file.startsWith(home) && PACKAGE.test(file.slice(home.length)));
}

/**
 * The line that called the packages, as `file:line:column`, for messages of errors; empty if there is none, as in the
 * command, or if the engine does not tell it.
 */
export function callerLine(): string {
  return frames().find(({ file }) => isUsers(file))?.place ?? '';
}

/** ` (file:line:column)` of the caller, for the end of a phrase. */
export function atLine(): string {
  const line = callerLine();
  return line ? ` (${line})` : '';
}

/**
 * The same function, whose errors of the library end with the line that called the packages, unless they contain it. For
 * packages that build on this one; the line is only looked up when there is an error.
 */
export const withLine =
  <A extends readonly unknown[], R>(f: (...args: A) => R): ((...args: A) => R) =>
  (...args) => {
    try {
      return f(...args);
    } catch (error) {
      if (!(error instanceof SouthwellError)) throw error;
      const line = callerLine();
      const { code, message } = error;
      if (message.includes(line)) throw error;
      throw new SouthwellError(
        code,
        message.replace(/[.?]?$/, (end) => ` (${line})${end}`),
      );
    }
  };
