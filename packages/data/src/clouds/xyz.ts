import { fail } from '@southwell/numerics/core';
import type { Source } from '../io/source.ts';
import type { ReadContext, Table } from '../table.ts';
import { bytesWithEnd, cloudTable, NumberLines } from './layout.ts';

const MOST = 64;

/**
 * Reads one point per line, of at least three numbers separated by blanks, commas or semicolons: the first three are x,
 * y, z; of six numbers the others are nx, ny, nz, otherwise c4 and so on. Lines with fewer numbers, such as a count at
 * the top, are skipped with a note; `#` and `//` begin comments.
 * @throws INVALID_FORMAT.
 */
export async function readXyz(source: Source, context: ReadContext): Promise<Table> {
  const bytes = await bytesWithEnd(source);
  const { name, notes } = context;
  const lines = new NumberLines(bytes, 0, 1, name);
  const row = new Float64Array(MOST);
  let values: Float64Array[] = [];
  let [rows, room, short] = [0, 0, 0];
  while (lines.next()) {
    const found = lines.read(row, MOST);
    if (found < 3) {
      short++;
      continue;
    }
    if (values.length === 0) values = Array.from({ length: found }, () => new Float64Array(0));
    if (found !== values.length || found > MOST) {
      lines.line--;
      lines.bad(
        found > MOST
          ? `${found} numbers; a point has at most ${MOST}.`
          : `${found} numbers, and points before it have ${values.length}.`,
      );
    }
    if (rows === room) {
      room = Math.max(1024, 2 * room);
      values = values.map((old) => {
        const grown = new Float64Array(room);
        grown.set(old);
        return grown;
      });
    }
    for (let j = 0; j < values.length; j++) values[j][rows] = row[j];
    rows++;
  }
  if (rows === 0) fail('INVALID_FORMAT', `${name} has no line of three numbers or more, and so no points.`);
  if (short > 0)
    notes.push(
      `${short === 1 ? '1 line' : `${short} lines`} of ${name} with fewer than three numbers ${short === 1 ? 'was' : 'were'} left out.`,
    );
  const rest = values.length === 6 ? ['nx', 'ny', 'nz'] : values.slice(3).map((_, j) => `c${j + 4}`);
  return cloudTable(
    context,
    'xyz',
    ['x', 'y', 'z', ...rest],
    values.map((v) => v.slice(0, rows)),
  );
}
