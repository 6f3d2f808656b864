import type { Control, FormValue, FormValues } from '@southwell/tasks';

/** Values of a form as texts of an address, and back: what differs from where the form begins. */

const PREFIX = 'o.';

export function valuesInAddress(controls: readonly Control[], changed: FormValues): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { name, kind } of controls) {
    const value = changed[name];
    // A file cannot be named by an address: the browser keeps it.
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

/** Whether an address says anything of a form. */
export const saysValues = (query: string): boolean =>
  [...new URLSearchParams(query).keys()].some((key) => key.startsWith(PREFIX));
