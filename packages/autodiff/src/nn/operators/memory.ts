/** Whether an error says that there is not enough memory for a tensor. */
export const isOfMemory = (error: unknown): error is Error =>
  error instanceof Error &&
  (error.name === 'ArenaMemoryError' ||
    (error.name === 'RangeError' && /allocation|array length|buffer/i.test(error.message)));
