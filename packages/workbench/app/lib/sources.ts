import { families, type Task } from '@southwell/tasks';
import type { LoadedFrom } from '../workers/data.ts';

/** Size in bytes of the chosen files. */
export const sizeOf = (source: LoadedFrom): number =>
  typeof source === 'string'
    ? 0
    : source instanceof Blob
      ? source.size
      : source.files.reduce((sum, [, file]) => sum + file.size, 0);

export const nameOf = (source: LoadedFrom): string => (typeof source === 'string' ? source : source.name);

/** The beginning of a saved model's text, with its format. */
const FORMAT = /^\s*\{\s*"format"\s*:\s*"([\w-]+)"/;

/** The task that a saved model is for, and the input that takes it; undefined for other files. */
async function takerOf(file: File): Promise<{ readonly task: Task; readonly input: string } | undefined> {
  const format = FORMAT.exec(await file.slice(0, 200).text())?.[1];
  const of = families.find(({ models }) => format !== undefined && models?.formats.includes(format))?.models;
  if (!of) return undefined;
  const writing = of.writing?.includes(format!) ? true : undefined;
  for (const task of families.flatMap(({ tasks }) => tasks)) {
    const input = Object.keys(task.inputs).find((name) => {
      const { kind, writing: only } = task.inputs[name];
      return kind === 'model' && only === writing;
    });
    if (input !== undefined) return { task, input };
  }
  return undefined;
}

/** Files opened together: the first saved model with its task, the first table, and the rest. */
interface Sorted {
  readonly model?: { readonly task: Task; readonly input: string; readonly file: File };
  readonly table?: LoadedFrom;
  readonly unused: readonly LoadedFrom[];
}

export async function sorted(files: readonly LoadedFrom[]): Promise<Sorted> {
  const takers = await Promise.all(files.map((file) => (file instanceof File ? takerOf(file) : undefined)));
  const at = takers.findIndex((taker) => taker !== undefined);
  const tables = files.filter((_, k) => takers[k] === undefined);
  const models = files.filter((_, k) => takers[k] !== undefined && k !== at);
  return {
    ...(at >= 0 && { model: { ...takers[at]!, file: files[at] as File } }),
    ...(tables.length > 0 && { table: tables[0] }),
    unused: [...tables.slice(1), ...models],
  };
}
