import { SouthwellError } from '@southwell/numerics/core';
import { documentOf, type Measurement } from './document.ts';

/** What a benchmark found; undefined where it measured nothing, as for --help. */
export interface Outcome {
  readonly tasks: readonly Measurement[];
  /** Whether --json was given: the document then goes to standard output. */
  readonly json: boolean | undefined;
  /** Further fields of the document. */
  readonly more?: object;
  /** The exit code. Default 0. */
  readonly code?: number;
}

/** A benchmark as a command: takes what follows its name, returns the exit code. */
export interface Benchmark {
  (args: readonly string[]): Promise<number>;
  readonly usage: string;
}

type Answer = Outcome | undefined;

/**
 * Makes a command of a benchmark, the only place where its results become JSON (`documentOf`). What is thrown becomes a
 * sentence and code 2, with the usage unless the library says it all.
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
