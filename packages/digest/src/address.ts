import { printable, RequestError } from '@southwell/tasks';
import validator from 'validator';

/** Characters that could end a header or begin another address; quotes are needed for them only. */
const UNSAFE = /[\s\p{Cc}<>()[\]\\,;:"]/u;

/** The address as given, without surrounding spaces. Throws a sentence if it is invalid. */
export function checkAddress(text: string): string {
  const address = text.trim();
  // Mail servers of a company may have names without a dot.
  if (UNSAFE.test(address) || !validator.isEmail(address, { require_tld: false })) {
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
