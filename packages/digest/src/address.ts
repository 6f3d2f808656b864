import { printable, RequestError } from '@southwell/tasks';

// Nothing here can end a header or start another address.
const ADDRESS = /^[^\s\p{Cc}<>()[\]\\,;:"@]{1,64}@[^\s\p{Cc}<>()[\]\\,;:"@.]+(\.[^\s\p{Cc}<>()[\]\\,;:"@.]+)*$/u;

/** The address as it was given, without blanks around. Throws a sentence where it is none. */
export function checkAddress(text: string): string {
  const address = text.trim();
  if (address.length > 254 || !ADDRESS.test(address)) {
    throw new RequestError(`"${printable(address.slice(0, 80))}" is no mail address.`);
  }
  return address;
}

/** Addresses that differ in case only are one. */
export const sameAddress = (address: string): string => address.toLowerCase();

/** The address in `Name <address>` or `address`. */
export function addressIn(from: string): string {
  if (/\p{Cc}/u.test(from)) throw new RequestError('The sender must be one line.');
  return checkAddress(from.match(/<([^<>]*)>\s*$/)?.[1] ?? from);
}
