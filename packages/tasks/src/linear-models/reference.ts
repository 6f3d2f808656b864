import type { Design } from '@southwell/data';

/** A note on the levels of categories that others are compared with. */
export function referenceNotes({ encoding }: Pick<Design, 'encoding'>): string[] {
  const levels = encoding.features.flatMap((f) =>
    f.type === 'category' && f.baseline !== undefined ? [`${f.name}=${f.baseline}`] : [],
  );
  if (levels.length === 0) return [];
  return [`Without a penalty, coefficients of categories are differences to these levels: ${levels.join(', ')}.`];
}
