import type { Picture } from '@southwell/data';
import { element, text } from './draw.ts';
import { lineHeight } from './labels.ts';
import { colourName } from './layout.ts';
import { fitted, textWidth } from './text.ts';

/** Beyond eight groups, colours are repeated with hollow dots. */
export const hollow = (group = 0): boolean => group % 16 >= 8;

/** The groups that occur, if there are several or they have names. */
function groupsOf(picture: Exclude<Picture, { type: 'image' }>): Array<{ group: number; name: string }> {
  const used = new Set<number>();
  for (const one of picture.type === 'graph' ? picture.edges : picture.points) {
    if (one.group !== undefined) used.add(one.group);
  }
  if (used.size < 2 && !picture.groups) return [];
  return [...used]
    .sort((a, b) => a - b)
    .map((group) => ({ group, name: picture.groups?.[group] ?? `group ${group + 1}` }));
}

/** The colours of groups with their names, in rows. */
export function groupsLegend(picture: Exclude<Picture, { type: 'image' }>, width: number, top: number) {
  const size = 12;
  const row = lineHeight(size) + 3;
  const parts: string[] = [];
  let [x, y] = [0, top];
  const groups = groupsOf(picture);
  for (const { group, name } of groups) {
    const words = fitted(name, width - 16, size);
    const wide = 16 + textWidth(words, size);
    if (x > 0 && x + wide > width) [x, y] = [0, y + row];
    const ink = `var(${colourName(group)})`;
    const fill = hollow(group) ? 'none' : ink;
    parts.push(
      element('circle', { cx: x + 6, cy: y + row / 2, r: 4, fill, stroke: ink, 'stroke-width': 1.6 }),
      text(words, x + 16, y + row / 2, { size, fill: 'var(--ink)', full: name }),
    );
    x += wide + 14;
  }
  return { inside: element('g', { class: 'legend' }, parts.join('')), bottom: groups.length > 0 ? y + row : top };
}
