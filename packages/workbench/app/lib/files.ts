import type { LoadedFrom } from '../workers/data.ts';

/** The dropped files and folders; folders with their contents. */
export async function dropped(transfer: DataTransfer | null): Promise<LoadedFrom[]> {
  // Entries are only available during the event.
  const entries = [...(transfer?.items ?? [])].map((item) => [item.webkitGetAsEntry?.(), item.getAsFile()] as const);
  const found: LoadedFrom[] = [];
  for (const [entry, file] of entries) {
    if (entry?.isDirectory) {
      const files: Array<readonly [string, File]> = [];
      await gather(entry as FileSystemDirectoryEntry, '', files);
      found.push({ name: entry.name, files });
    } else if (file) found.push(file);
  }
  return found;
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
