import type { Control, FormValue, FormValues, RemedyValue } from '@southwell/tasks';

/** Conversion of form values to URL parameters and back: only values that differ from the initial ones. */

const PREFIX = 'o.';

export function valuesInAddress(controls: readonly Control[], changed: FormValues): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { name, kind } of controls) {
    const value = changed[name];
    // Files cannot be represented in a URL: the browser stores them.
    if (value === undefined || kind === 'file' || value instanceof Blob) continue;
    texts[PREFIX + name] = kind === 'columns' ? JSON.stringify(value) : String(value);
  }
  return texts;
}

export function valuesFromAddress(controls: readonly Control[], query: string): FormValues {
  const params = new URLSearchParams(query);
  const values: Record<string, FormValue> = {};
  for (const control of controls) {
    const text = params.get(PREFIX + control.name);
    if (text === null) continue;
    const value = fieldValue(control, text);
    if (value !== undefined) values[control.name] = value;
  }
  return values;
}

function fieldValue({ kind, choices, min, max, whole }: Control, text: string): FormValue | undefined {
  switch (kind) {
    case 'number': {
      if (text === '') return '';
      const value = Number(text);
      const fits = Number.isFinite(value) && value >= (min ?? value) && value <= (max ?? value);
      return fits && (!whole || Number.isInteger(value)) ? value : undefined;
    }
    case 'check':
      return text === 'true';
    case 'choice':
      return choices?.some(([value]) => value === text) ? text : undefined;
    case 'columns':
      try {
        const list: unknown = JSON.parse(text);
        return Array.isArray(list) && list.every((v) => typeof v === 'string') ? list : undefined;
      } catch {
        return undefined;
      }
    case 'file':
      return undefined;
    default:
      return text;
  }
}

/** Whether a URL has values for a form. */
export const saysValues = (query: string): boolean =>
  [...new URLSearchParams(query).keys()].some((key) => key.startsWith(PREFIX));

/** The value of a control after a remedy: further columns are added to those that were chosen. */
export function applied({ kind }: Control, before: FormValue, value: RemedyValue): FormValue {
  const list = [value].flat().map(String);
  if (kind === 'columns')
    return [...new Set([...(Array.isArray(before) ? (before as readonly string[]) : []), ...list])];
  return typeof value === 'object' ? list.join(', ') : value;
}
