/**
 * Loads the files of the bundle that this one lies beside, in one copy a thread, together with the code that V8 made of
 * them when they were built: most of a short command's time went into parsing. Another Node than the one that built them
 * loads them as it loads all others, with the compile cache that Node has from 22.1 on.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import nodeModule, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const native = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('.', import.meta.url));
const code = `${folder}code/`;
const note = `${code}made-by.json`;
/** V8 looks at its own version and flags; this also tells builds of one Node apart. */
const own = JSON.stringify([process.version, process.platform, process.arch, process.config.variables]);
let used = existsSync(note) && readFileSync(note, 'utf8') === own;
if (!used) (nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();

interface Loaded {
  readonly module: { exports: unknown };
  readonly script: Script;
}
const files = new Map<string, Loaded>();

/** What a module exports whose name is made as the program runs. */
export const imported = (id: string): Promise<unknown> => import(id);

/** Modules of Node's that most commands name and do not use, and that take it a millisecond to load. */
const RARE = new Set(['node:child_process', 'node:zlib']);

/** A module of Node's as soon as something of it is asked for. */
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

/** What a file of the bundle exports. Throws what it throws as it is loaded. */
export function load(name: string): unknown {
  if (!used) return native(`./${name}`);
  const known = files.get(name);
  if (known) return known.module.exports;
  const filename = folder + name;
  const kept = `${code}${name}.bin`;
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'latin1')}\n})`;
  const script = new Script(source, {
    filename,
    // What V8 would not have made alike, under other flags, say, it rejects by itself.
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

/** Keeps the code of all that is loaded from now on when the function that comes back is called, functions that ran included. */
export function keepCode(): () => void {
  mkdirSync(code, { recursive: true });
  used = true;
  return () => {
    for (const [name, { script }] of files) writeFileSync(`${code}${name}.bin`, script.createCachedData());
    writeFileSync(note, own);
  };
}
