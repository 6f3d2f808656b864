import { RequestError } from '@southwell/tasks';

/** Returns the text if it is a web address. Throws a sentence otherwise. */
export function webAddress(text: string, option: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new RequestError(`${option} must be an address that begins with https:// or http://.`);
  }
  return text;
}

/** The URL of a workbench, without a trailing slash. */
export const siteOf = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : webAddress(text, '--site').replace(/\/+$/, '');
