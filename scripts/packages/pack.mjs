// Packs the tarballs that would be published into one folder: node scripts/packages/pack.mjs DIR, after a build.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Packs every package that is not private; returns their names and files, as listed by npm. Throws npm's error output.
 */
export function pack(folder) {
  mkdirSync(folder, { recursive: true });
  const published = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).workspaces.filter(
    (path) => !JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')).private,
  );
  const args = ['pack', '--json', '--pack-destination', resolve(folder), ...published.flatMap((path) => ['-w', path])];
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`npm pack failed: ${stderr}`);
  // Scripts that run before packing may print as well.
  const answer = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)));
  return Object.values(answer).map(({ name, filename, size, files }) => ({
    name,
    size,
    tarball: join(resolve(folder), filename),
    files: files.map(({ path }) => path),
  }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  if (!folder) {
    console.error('usage: node scripts/packages/pack.mjs DIR');
    process.exit(2);
  }
  for (const { name, size, tarball, files } of pack(folder)) {
    console.log(
      `${name.padEnd(24)} ${(size / 1e6).toFixed(2).padStart(6)} MB ${String(files.length).padStart(5)} files  ${tarball}`,
    );
  }
}
