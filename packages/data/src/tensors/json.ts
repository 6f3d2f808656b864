import { fail } from '@southwell/numerics/core';

// Strict JSON: JSON.parse keeps the last of two equal names, but a file with a duplicate tensor is not what its writer
// meant.

/**
 * A JSON value with objects as maps. Fractions and negative numbers do not occur in a header and are represented by
 * null.
 */
export type Json = null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json>;

/**
 * Parses JSON, rejecting objects with duplicate names. `what` names the text in errors ('the header'). O(text).
 * @throws INVALID_FORMAT, with the position, for invalid JSON or a duplicate name.
 */
export function parseJson(text: string, what = 'the header'): Json {
  const refuse = (why: string, place: number): never =>
    fail('INVALID_FORMAT', `${why} at character ${place + 1} of ${what}.`);
  const What = what[0].toUpperCase() + what.slice(1);
  let at = 0;
  const space = () => {
    while (at < text.length && ' \t\n\r'.includes(text[at])) at++;
  };
  const expect = (sign: string) => {
    if (text[at] !== sign) refuse(`${What} is no JSON: '${sign}' is expected`, at);
    at++;
  };
  const string = (): string => {
    const from = at;
    expect('"');
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    expect('"');
    let found: string;
    try {
      found = JSON.parse(text.slice(from, at)) as string;
    } catch {
      return refuse(`${What} is no JSON: a text with a sign that must not be there`, from);
    }
    return /\p{Surrogate}/u.test(found) ? refuse('Half of a character', from) : found;
  };
  const value = (depth: number): Json => {
    if (depth > 127) refuse(`${What} is nested too deeply`, at);
    space();
    const from = at;
    if (text[at] === '"') return string();
    if (text[at] === '{') return object(depth);
    if (text[at] === '[') return list(depth);
    const word = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(text.slice(at, at + 64))?.[0];
    if (word === undefined) return refuse(`${What} is no JSON: a value is expected`, from);
    at += word.length;
    // The spelling matters: 1.0 and −0 are not valid sizes.
    return /^-|\d[.eE]/.test(word) ? null : (JSON.parse(word) as Json);
  };
  const object = (depth: number): Json => {
    const out = new Map<string, Json>();
    expect('{');
    space();
    while (text[at] !== '}') {
      if (out.size > 0) expect(',');
      space();
      const from = at;
      const name = string();
      if (out.has(name)) refuse(`The name '${name}' is there twice, the second time`, from);
      space();
      expect(':');
      out.set(name, value(depth + 1));
      space();
    }
    at++;
    return out;
  };
  const list = (depth: number): Json => {
    const out: Json[] = [];
    expect('[');
    space();
    while (text[at] !== ']') {
      if (out.length > 0) expect(',');
      out.push(value(depth + 1));
      space();
    }
    at++;
    return out;
  };
  const all = value(0);
  space();
  if (at < text.length) refuse(`${What} goes on after its end`, at);
  return all;
}
