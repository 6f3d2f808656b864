import { printable, RequestError } from '@southwell/tasks';

// Excludes characters that could end a header or begin another address.
const ADDRESS = /^[^\s\p{Cc}<>()[\]\\,;:"@]{1,64}@[^\s\p{Cc}<>()[\]\\,;:"@.]+(\.[^\s\p{Cc}<>()[\]\\,;:"@.]+)*$/u;

/** The address as given, without surrounding spaces. Throws a sentence if it is invalid. */
export function checkAddress(text: string): string {
  const address = text.trim();
  if (address.length > 254 || !ADDRESS.test(address)) {
    throw new RequestError(`"${printable(address.slice(0, 80))}" is not a mail address.`);
  }
  return address;
}

/** Addresses that differ only in case are the same. */
export const sameAddress = (address: string): string => address.toLowerCase();

/** The address in `Name <address>` or `address`. */
export function addressIn(from: string): string {
  if (/\p{Cc}/u.test(from)) throw new RequestError('The sender must be one line.');
  return checkAddress(from.match(/<([^<>]*)>\s*$/)?.[1] ?? from);
}
