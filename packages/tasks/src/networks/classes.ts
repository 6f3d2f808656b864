/** The entry of the metadata of a network for its classes: a list of names in JSON. */
export const CLASSES = 'classes';

/** Names of the classes of a network, if its file says them; those of other programs are JSON lists, too, or separated by commas. */
export function classesIn(metadata: Readonly<Record<string, string>>): readonly string[] | undefined {
  const text = metadata[CLASSES] ?? metadata.labels ?? metadata.names;
  if (text === undefined) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.map(String) : undefined;
  } catch {
    return text.split(',').map((name) => name.trim());
  }
}
