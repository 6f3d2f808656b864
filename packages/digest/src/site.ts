import { RequestError } from '@southwell/tasks';

/** The same, where it is an address of the web. Throws a sentence where it is none. */
export function webAddress(text: string, option: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new RequestError(`${option} must be an address that begins with https:// or http://.`);
  }
  return text;
}

/** Where a workbench is reached, without a slash at its end. */
export const siteOf = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : webAddress(text, '--site').replace(/\/+$/, '');
