import { existsSync, readFileSync } from 'node:fs';

/** The name of the version of a picture for dark pages. */
export const darkOf = (name) => name.replace(/\.(png|svg)$/, '-dark.$1');

/** The width and height of a PNG or SVG in CSS pixels, and whether there is a version for dark pages. */
export function sizeOf(file) {
  const dark = { dark: existsSync(darkOf(file)) };
  if (!existsSync(file)) return {};
  const bytes = readFileSync(file);
  if (file.endsWith('.png')) return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), ...dark };
  const head = bytes.toString('utf8', 0, 600);
  const [width, height] = (/ viewBox="[\d.-]+ [\d.-]+ ([\d.]+ [\d.]+)"/.exec(head)?.[1] ?? '').split(' ').map(Number);
  return height > 0 ? { width, height, ...dark } : dark;
}
