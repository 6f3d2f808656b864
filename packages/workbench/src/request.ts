import { isIP } from 'node:net';
import type { Encoding } from './content.ts';

/** Parsing of untrusted requests. */

const LONGEST = 2048;

/** The path and query of a request, or the status that rejects it. */
export type Target = { readonly path: string; readonly query: URLSearchParams } | { readonly refuse: 400 | 414 };

/** Decodes once and rejects everything that our paths never contain: dot segments, backslashes, NUL, a second `%`. */
export function targetOf(url: string): Target {
  if (url.length > LONGEST) return { refuse: 414 };
  if (!url.startsWith('/') || url.startsWith('//')) return { refuse: 400 };
  const end = url.search(/[?#]/);
  let path: string;
  try {
    path = decodeURIComponent(end < 0 ? url : url.slice(0, end));
  } catch {
    return { refuse: 400 };
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f\\%]/.test(path) || path.split('/').some((part) => part === '.' || part === '..')) {
    return { refuse: 400 };
  }
  return { path, query: new URLSearchParams(end < 0 ? '' : url.slice(end)) };
}

/**
 * Whether the Host header names this server: a loopback name or the configured host. In a DNS rebinding attack, a page
 * of another site whose name resolves to this server sends that name. A server on all interfaces is also reached by IP
 * addresses, which cannot be rebound.
 */
export function knownHost(header: string | undefined, configured: string): boolean {
  const name = header?.match(/^(\[[0-9a-f:.]+\]|[^:[\]@/\s]+)(:\d{1,5})?$/i)?.[1].toLowerCase();
  if (name === undefined) return false;
  const bare = name.replace(/^\[|\]$/g, '');
  if (['localhost', '127.0.0.1', '::1', configured.toLowerCase()].includes(bare)) return true;
  return ['0.0.0.0', '::'].includes(configured) && isIP(bare) !== 0;
}

/** The best of br, gzip and identity that an Accept-Encoding header allows. */
export function encodingOf(header: string | undefined): Encoding {
  const quality = new Map<string, number>();
  for (const part of (header ?? '').split(',')) {
    const [name, ...parameters] = part.split(';').map((s) => s.trim().toLowerCase());
    const q = parameters.find((p) => p.startsWith('q='));
    quality.set(name, q === undefined ? 1 : Number(q.slice(2)) || 0);
  }
  const of = (name: string) => quality.get(name) ?? quality.get('*') ?? 0;
  const [br, gzip] = [of('br'), of('gzip')];
  if (br > 0 && br >= gzip) return 'br';
  return gzip > 0 ? 'gzip' : 'identity';
}

/** Whether an If-None-Match header contains the tag, by weak comparison. */
export function matches(header: string | undefined, tag: string): boolean {
  return (header ?? '').split(',').some((part) => {
    const candidate = part.trim().replace(/^W\//, '');
    return candidate === '*' || candidate === tag;
  });
}
