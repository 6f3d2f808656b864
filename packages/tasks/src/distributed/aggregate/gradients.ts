import type { Table } from '@southwell/data';
import type { TaskTools } from '../../declaration/task.ts';
import { count } from '../../format.ts';
import { type WorkerNumbers, workerNumbers } from '../workerNumbers.ts';

/** Gradients of a table, with the names of workers and entries. */
export interface Gradients extends Omit<WorkerNumbers, 'numbers'> {
  readonly gradients: readonly Float64Array[];
}

/**
 * The gradients of the workers in rows or in columns. Missing values are not numbers and make their worker one that is excluded.
 */
export function gradientsOf(table: Table, where: 'rows' | 'columns', tools: TaskTools): Gradients {
  const { numbers, ...names } = workerNumbers(table, where, 'gradients', tools);
  return { ...names, gradients: numbers };
}

/** A note if the table looks turned, since a gradient has more entries than there are workers. */
export function turnedNote({ workers, gradients }: Gradients, tools: TaskTools, where: string): string[] {
  const n = gradients[0].length;
  if (where === 'columns' || workers.length <= 200 || workers.length < 4 * n) return [];
  return [
    `${count(workers.length, 'worker')} with ${n} entries each: if workers are in columns, add ${tools.spell('workers', 'columns')}.`,
  ];
}
