import { SouthwellError } from '@southwell/numerics/core';

/**
 * A benchmark as a command: takes what follows its name, returns the exit code. What is thrown becomes a sentence and
 * code 2, with the usage unless the library says it all.
 */
export const benchmark =
  (usage: string, command: (args: readonly string[]) => number | Promise<number>) =>
  async (args: readonly string[]): Promise<number> => {
    try {
      return await command(args);
    } catch (error) {
      const { message } = error as Error;
      console.error(error instanceof SouthwellError ? message : `${message}\n\n${usage}`);
      return 2;
    }
  };
