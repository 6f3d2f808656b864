import { SouthwellError } from '@southwell/numerics/core';
import { documentOf, type Measurement } from './document.ts';

/** The result of a benchmark; undefined if it measured nothing, as for --help. */
export interface Outcome {
  readonly tasks: readonly Measurement[];
  /** Whether --json was given: the document is then printed to standard output. */
  readonly json: boolean | undefined;
  /** Further fields of the document. */
  readonly more?: object;
  /** The exit code. Default 0. */
  readonly code?: number;
}

/** A benchmark as a command: takes the arguments after its name, returns the exit code. */
export interface Benchmark {
  (args: readonly string[]): Promise<number>;
  readonly usage: string;
}

type Answer = Outcome | undefined;

/**
 * Makes a command of a benchmark; the only place where results are converted to JSON (`documentOf`). Errors are printed
 * as a sentence with exit code 2, followed by the usage unless they come from the library.
 */
export function benchmark(usage: string, command: (args: readonly string[]) => Answer | Promise<Answer>): Benchmark {
  const main = async (args: readonly string[]): Promise<number> => {
    try {
      const outcome = await command(args);
      if (outcome?.json) console.log(JSON.stringify(documentOf(outcome.tasks, outcome.more)));
      return outcome?.code ?? 0;
    } catch (error) {
      const { message } = error as Error;
      console.error(error instanceof SouthwellError ? message : `${message}\n\n${usage}`);
      return 2;
    }
  };
  return Object.assign(main, { usage });
}
