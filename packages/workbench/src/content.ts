import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { bundledUrl } from '@southwell/data/node';
import { fail } from '@southwell/numerics/core';
import { stringifyResult } from '@southwell/papers/node';

/** Content that the server can answer with: bytes with their type and entity tag, compressed once, on first request. */

export type Encoding = 'br' | 'gzip' | 'identity';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.webmanifest': 'application/manifest+json',
  '.gz': 'application/gzip',
};
const COMPRESSIBLE = /^(text\/|application\/(json|wasm|manifest|atom)|image\/svg|font\/ttf)/;
// Smaller contents would not save a packet.
const WORTHWHILE = 1024;

export class Content {
  readonly tag: string;
  private readonly compressed = new Map<Encoding, Promise<Buffer>>();

  constructor(
    readonly bytes: Buffer,
    readonly type: string,
    /** Whether the bytes at this address never change. */
    readonly immutable = false,
  ) {
    this.tag = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  }

  get compressible(): boolean {
    return this.bytes.length >= WORTHWHILE && COMPRESSIBLE.test(this.type);
  }

  encoded(encoding: Encoding): Promise<Buffer> {
    let bytes = this.compressed.get(encoding);
    if (!bytes) {
      bytes = encoded(this.bytes, encoding);
      this.compressed.set(encoding, bytes);
    }
    return bytes;
  }
}

/** Non-finite numbers become strings, as in the files of the store. */
export const json = (value: unknown): Content => new Content(Buffer.from(stringifyResult(value)), TYPES['.json']);
export const text = (value: string): Content => new Content(Buffer.from(value), TYPES['.txt']);
export const atom = (value: string): Content => new Content(Buffer.from(value), 'application/atom+xml; charset=utf-8');

const brotli = promisify(brotliCompress);
const gz = promisify(gzip);

async function encoded(bytes: Buffer, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'identity') return bytes;
  if (encoding === 'gzip') return gz(bytes);
  // The highest quality takes seconds to save two per cent.
  return brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
}

/**
 * The built page, by path. It is read once, at the start: whatever a request says, nothing outside the map can be
 * served. Links are ignored, since they may lead out of the folder. Throws FILE if the page has not been built.
 */
export function readSite(folder: string): ReadonlyMap<string, Content> {
  const site = filesUnder(folder);
  if (!site.has('/index.html')) {
    fail('FILE', `The workbench's page is not built: there is no index.html in ${folder}. Run: npm run build`);
  }
  return new Map([...site, ...docsBeside(folder)]);
}

/** The documentation, which the build puts beside the page, by path; none if it has not been built. */
function docsBeside(app: string): Array<[string, Content]> {
  return [...filesUnder(join(dirname(app), 'docs'))].map(([path, content]) => [`/docs${path}`, content]);
}

function filesUnder(folder: string): Map<string, Content> {
  const site = new Map<string, Content>();
  const walk = (under: string): void => {
    for (const entry of entriesOf(join(folder, under))) {
      const path = `${under}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) {
        const type = TYPES[extname(entry.name).toLowerCase()] ?? 'application/octet-stream';
        // vite adds a hash to the names of all assets.
        site.set(path, new Content(readFileSync(join(folder, path)), type, path.startsWith('/assets/')));
      }
    }
  };
  walk('');
  // What the build took from the bundled sets, by path.
  const taken = site.get('/sets.json');
  site.delete('/sets.json');
  for (const [path, name] of Object.entries(JSON.parse(taken?.bytes.toString() ?? '{}') as Record<string, string>)) {
    const bytes = () => readFileSync(new URL(name, bundledUrl('diabetes')));
    if (!site.has(`/${path}`)) site.set(`/${path}`, new Content(bytes(), TYPES['.gz'], true));
  }
  return site;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
