import type { Source } from '../io/source.ts';
import { pieces } from '../io/window.ts';
import type { ReadContext } from '../table.ts';

/** Reads bytes as they come; `rows` are those it has read and not yet given away. */
interface RowReader {
  readonly rows: number;
  feed(bytes: Uint8Array): void;
  end(): void;
}

/** Feeds the reader piece by piece, and yields what `take` gives of the rows that have come. Returns how many there were. */
export async function* rowPieces<T>(
  source: Source,
  context: ReadContext,
  reader: RowReader,
  take: () => T,
): AsyncGenerator<T, number> {
  let given = 0;
  const taken = () => {
    given += reader.rows;
    return take();
  };
  for await (const piece of pieces(source.stream(true))) {
    reader.feed(piece);
    context.progress(given + reader.rows);
    if (reader.rows > 0) yield taken();
  }
  reader.end();
  if (reader.rows > 0) yield taken();
  return given;
}
