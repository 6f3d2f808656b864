import type { Source } from '../io/source.ts';
import { pieces } from '../io/window.ts';
import type { ReadContext } from '../table.ts';

/** A parser fed with bytes as they arrive; `rows` is the number of rows parsed and not yet taken. */
interface RowReader {
  readonly rows: number;
  feed(bytes: Uint8Array): void;
  end(): void;
}

/**
 * Feeds the parser piece by piece, and yields what `take` returns for the rows that have arrived. Returns the total
 * number of rows.
 */
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
