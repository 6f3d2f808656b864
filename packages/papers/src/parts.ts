import type { Size } from './size.ts';

/** Files that experiments read and that are not shipped, because of their size or licence; the reader provides them. */
export interface Part {
  /** The name of the folder that contains the files. */
  readonly id: string;
  /** What the files are. */
  readonly title: string;
  readonly files: readonly string[];
  /** Where they can be obtained. */
  readonly from: string;
}

/** The files of a part by name. Rejects with a sentence where they are missing. */
export type PartFiles = (part: Part) => Promise<ReadonlyMap<string, Uint8Array>>;

/** The parts of an experiment, by size. */
export type Needs = Readonly<Partial<Record<Size, readonly Part[]>>>;

/** The parts that an experiment reads at a size. */
export const partsOf = ({ needs }: { readonly needs?: Needs | undefined }, size: Size): readonly Part[] =>
  needs?.[size] ?? [];

/** What a reader without the files is told. */
export const partText = ({ id, title, files, from }: Part): string =>
  `${title} (${files.length > 3 ? `${files.length} files` : files.join(' and ')} in a folder named ${id}, from ${from})`;

/**
 * The files of a part in a run.
 * @throws Error, with where they can be obtained, in runs without files.
 */
export async function filesOf(
  part: Part,
  { files }: { readonly files?: PartFiles | undefined },
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (files) return files(part);
  throw new Error(
    `This experiment reads files that are not shipped: ${partText(part)}. It runs at the shell: southwell papers run, with --parts.`,
  );
}
