import type { Arena } from '@southwell/kernels';

/** Rooms in one memory that grow as columns that have to wait make fronts larger. */
export class Rooms {
  private readonly pointers = new Map<string, { pointer: number; size: number }>();
  constructor(private readonly arena: Arena) {}

  /** The pointer of a room of at least `size` doubles; of what it held the first `keep` are kept. */
  reserve(name: string, size: number, keep = 0): number {
    const old = this.pointers.get(name);
    if (old && old.size >= size) return old.pointer;
    const enough = old ? Math.ceil(1.25 * size) : size;
    const pointer = this.arena.alloc(8 * enough);
    if (old) {
      this.arena.f64.copyWithin(pointer / 8, old.pointer / 8, old.pointer / 8 + keep);
      this.arena.free(old.pointer);
    }
    this.pointers.set(name, { pointer, size: enough });
    return pointer;
  }

  release(): void {
    for (const { pointer } of this.pointers.values()) this.arena.free(pointer);
    this.pointers.clear();
  }
}
