import { families, type Task } from '@southwell/tasks';
import type { LoadedFrom } from '../workers/data.ts';

/** Size in bytes of the chosen files. */
export const sizeOf = (source: LoadedFrom): number =>
  typeof source === 'string'
    ? 0
    : source instanceof Blob
      ? source.size
      : source.files.reduce((sum, [, file]) => sum + file.size, 0);

/** The beginning of a saved model's text, with its format. */
const FORMAT = /^\s*\{\s*"format"\s*:\s*"([\w-]+)"/;

/** The task that a saved model is for, and the input that takes it; undefined for other files. */
export async function takerOf(file: File): Promise<{ readonly task: Task; readonly input: string } | undefined> {
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

/** The dropped file, or a folder with its contents; undefined for anything else. */
export async function dropped(transfer: DataTransfer | null): Promise<LoadedFrom | undefined> {
  // Entries are only available during the event.
  const entry = transfer?.items?.[0]?.webkitGetAsEntry?.();
  const file = transfer?.files[0];
  if (!entry?.isDirectory) return file;
  const files: Array<readonly [string, File]> = [];
  await gather(entry as FileSystemDirectoryEntry, '', files);
  return { name: entry.name, files };
}

async function gather(folder: FileSystemDirectoryEntry, path: string, into: Array<readonly [string, File]>) {
  const reader = folder.createReader();
  for (;;) {
    // Entries come in batches of a hundred, until an empty one.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return;
    for (const entry of entries) {
      const at = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory) await gather(entry as FileSystemDirectoryEntry, at, into);
      else {
        const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
        into.push([at, file]);
      }
    }
  }
}

/** A folder chosen in a dialog. */
export function chosenFolder(list: FileList | null): LoadedFrom | undefined {
  const all = [...(list ?? [])];
  const name = all[0]?.webkitRelativePath.split('/')[0];
  if (name === undefined) return undefined;
  return { name, files: all.map((file) => [file.webkitRelativePath.slice(name.length + 1), file] as const) };
}
