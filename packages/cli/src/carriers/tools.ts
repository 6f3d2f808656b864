import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { type ReadOptions, toSource } from '@southwell/data';
import { failFile, openFolder, readBlocks, readTable, readTableBlocks, sourceOf } from '@southwell/data/node';
import {
  blocksHere,
  flagOf,
  givenFor,
  grouped,
  type JobRanks,
  type JobTools,
  onlyBlock,
  type Reading,
  readingOf,
  sameVersion,
  without,
} from '@southwell/tasks';
import { UsageError } from '../errors.ts';
import { fileStore } from '../jobs/checkpoint-file.ts';
import { filesBeside } from '../jobs/onnx-file.ts';
import { readModel } from '../jobs/read-model.ts';
import { Shell } from '../terminal/shell.ts';
import { VERSION } from '../version.ts';
import type { Post, Working } from './attempt.ts';
import { choosing } from './blocks.ts';
import type { JobRequest } from './carrier.ts';

export const shellOf = <T>(post: Post<T>): Shell => new Shell((groups) => post({ type: 'groups', groups }));

/** The tools of a job run by the command; `ranks` if there are several. */
export function toolsOf(request: JobRequest, working: Working, shell: Shell, ranks?: JobRanks): JobTools {
  const { asked } = request;
  const { progress, tell, signal } = working;
  ranks?.together((comm) => sameVersion(comm, VERSION));
  const { drop, ...reading } = readingOf(asked as Reading, flagOf);
  const given = (options: ReadOptions = {}): ReadOptions => ({
    ...reading,
    ...options,
    signal,
    onProgress: (_bytes: number, rows: number) => progress({ text: `reading: ${grouped(rows)} rows` }),
  });
  const whole = async (input = 'data', options?: ReadOptions) => {
    const path = givenFor(asked, input) as string;
    if (!ranks) return without(await readTable(path, given(options)), drop);
    const { readTogether } = await import('../ranks/read-on-ranks.ts');
    return without(await readTogether(path, given(options), ranks), drop);
  };
  const own = async (input = 'data', options?: ReadOptions) => {
    const { readOnRanks } = await import('../ranks/read-on-ranks.ts');
    return without(await readOnRanks(givenFor(asked, input) as string, given(options), ranks!), drop);
  };
  // Without the signal, as a stopped job may still read its first block.
  const blocks: JobTools['blocks'] = (columns, rows, options) =>
    readBlocks(asked.data as string, {
      ...reading,
      ...{ rows, columns, ...options },
    });
  const contents: JobTools['contents'] = async (option) => {
    const path = asked[option] as string;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      failFile(error, path, 'read');
    }
  };
  const path = (input: string) => givenFor(asked, input) as string;
  const store = fileStore(request);
  return {
    read: ranks ? own : whole,
    file: async (input) => toSource(sourceOf(path(input))),
    beside: async (input, ending) => textIn(path(input).replace(/(\.\w+)(\.gz)?$/, ending)),
    ranges: (input) => filesBeside(path(input)),
    folder: async (input) => openFolder(path(input)),
    model: async (input) => readModel(path(input), asked.tokenizer as string | undefined),
    async blocksOf(input, { choose, ...options }) {
      if (!choose) return onlyBlock(await whole(input, options));
      // The code that iterates over blocks reports the progress.
      const reading = { ...given(options), onProgress: undefined, choose: choosing(choose, drop) };
      if (ranks) return (await import('../ranks/read-on-ranks.ts')).blocksOnRanks(path(input), reading, ranks, drop);
      return blocksHere(readTableBlocks(path(input), reading), drop);
    },
    rows: async (output) => (await import('../jobs/row-sink.ts')).rowSink(request.rows?.[output] ?? {}, ranks),
    contents,
    whole,
    blocks,
    signal,
    progress,
    tell,
    cores: availableParallelism(),
    // All ranks resume from it, but only the first writes.
    checkpoint: store && ranks && ranks.rank > 0 ? { ...store, write: undefined } : store,
    host: { shell: (line, stop) => shell.run(line, stop), moduleUrl },
    ...(ranks && { ranks }),
  };
}

const textIn = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

function moduleUrl(path: string): string {
  if (!existsSync(path)) throw new UsageError(`${path} cannot be read: there is no such file.`);
  return pathToFileURL(path).href;
}
