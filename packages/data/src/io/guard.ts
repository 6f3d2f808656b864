import { fail, SouthwellError } from '@southwell/numerics/core';

/**
 * Runs a reader and converts the RangeError of exhausted memory to an error with an explanation.
 * @throws INVALID_FORMAT.
 */
export async function guarded<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SouthwellError) throw error;
    const { name: kind, message } = error as Error;
    if (kind === 'ArenaMemoryError' || kind === 'RangeError') {
      fail('INVALID_FORMAT', `${name} declares or holds more data than memory has room for: ${message}`);
    }
    throw error;
  }
}
