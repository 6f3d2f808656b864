import { existsSync, readFileSync } from 'node:fs';

/** The width and height of an SVG in its own units; none if there is no such file. */
export function sizeOf(file) {
  if (!existsSync(file)) return {};
  const head = readFileSync(file, 'utf8').slice(0, 1000);
  const box = /<svg[^>]* viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"/.exec(head);
  return box ? { width: Number(box[1]), height: Number(box[2]) } : {};
}
