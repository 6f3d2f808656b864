import type { Arena, Block } from '@southwell/kernels';

type AnyBlock = Block<Float64Array> | Block<Int32Array> | Block<Float32Array>;

// Kernel memory is invisible to the garbage collector, so each matrix registers what to free when it is collected.
const registry = new FinalizationRegistry<Array<{ arena: Arena; pointer: number }>>((held) => {
  for (const { arena, pointer } of held) arena.free(pointer);
});

export function ownBlocks(owner: object, blocks: readonly AnyBlock[]): void {
  registry.register(
    owner,
    blocks.map(({ arena, pointer }) => ({ arena, pointer })),
    owner,
  );
}

export function releaseBlocks(owner: object, blocks: readonly AnyBlock[]): void {
  if (registry.unregister(owner)) for (const block of blocks) block.free();
}
