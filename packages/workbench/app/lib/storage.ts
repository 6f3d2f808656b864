import * as idb from 'idb-keyval';
import { base } from './host.ts';

/**
 * Storage in the browser, under names specific to this site, since sites under other paths of a host share it. At the
 * root, names have no prefix, for compatibility. Without storage, nothing is found.
 */
const named = (key: string): string => (base === '/' ? key : `${base} ${key}`);

export async function get<T>(key: string): Promise<T | undefined> {
  try {
    return await idb.get<T>(named(key));
  } catch {
    return undefined;
  }
}
export async function set(key: string, value: unknown): Promise<void> {
  try {
    await idb.set(named(key), value);
  } catch {}
}

export async function remove(key: string): Promise<void> {
  try {
    await idb.del(named(key));
  } catch {}
}

/** Small texts, synchronously. */
export function getText(key: string): string | undefined {
  try {
    return localStorage.getItem(named(key)) ?? undefined;
  } catch {
    return undefined;
  }
}
export function setText(key: string, text: string): void {
  try {
    localStorage.setItem(named(key), text);
  } catch {}
}
