/**
 * Loads the other files of the bundle, as one copy per thread, together with the V8 code cache that was created when
 * they were built: most of a short command's time was spent on parsing. Node versions other than the one of the build
 * load them normally, with Node's own compile cache (22.1 and later).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import nodeModule, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const native = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('.', import.meta.url));
const code = `${folder}code/`;
const note = `${code}made-by.json`;
/** V8 checks its own version and flags; this also distinguishes builds of one Node version. */
const own = JSON.stringify([process.version, process.platform, process.arch, process.config.variables]);
let used = existsSync(note) && readFileSync(note, 'utf8') === own;
if (!used) (nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();

interface Loaded {
  readonly module: { exports: unknown };
  readonly script: Script;
}
const files = new Map<string, Loaded>();

/** The exports of a module whose name is determined at run time. */
export const imported = (id: string): Promise<unknown> => import(id);

/** Node modules that most commands import but do not use, and that take a millisecond to load. */
const RARE = new Set(['node:child_process', 'node:zlib']);

/** Loads a Node module on first access to one of its exports. */
function later(id: string): object {
  let all: object | undefined;
  const real = () => (all ??= native(id) as object);
  return new Proxy(
    {},
    {
      get: (_, name) => Reflect.get(real(), name),
      has: (_, name) => Reflect.has(real(), name),
      ownKeys: () => Reflect.ownKeys(real()),
      getOwnPropertyDescriptor: (_, name) => {
        const found = Reflect.getOwnPropertyDescriptor(real(), name);
        return found && { ...found, configurable: true };
      },
    },
  );
}

/** The exports of a file of the bundle. Rethrows errors of loading it. */
export function load(name: string): unknown {
  if (!used) return native(`./${name}`);
  const known = files.get(name);
  if (known) return known.module.exports;
  const filename = folder + name;
  const kept = `${code}${name}.bin`;
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'latin1')}\n})`;
  const script = new Script(source, {
    filename,
    // V8 rejects the cache by itself if it does not match, e.g. because of other flags.
    cachedData: existsSync(kept) ? readFileSync(kept) : undefined,
  });
  const module = { exports: {} };
  files.set(name, { module, script });
  const require = (id: string) => {
    if (id === './load.js') return { imported };
    return id.startsWith('./') ? load(id.slice(2)) : RARE.has(id) ? later(id) : native(id);
  };
  script.runInThisContext()(module.exports, require, module, filename, folder);
  return module.exports;
}

/**
 * Returns a function that saves the compiled code of all files loaded from now on, including functions that have run.
 */
export function keepCode(): () => void {
  mkdirSync(code, { recursive: true });
  used = true;
  return () => {
    for (const [name, { script }] of files) writeFileSync(`${code}${name}.bin`, script.createCachedData());
    writeFileSync(note, own);
  };
}
