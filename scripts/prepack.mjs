// Run before `npm pack` or `npm publish` of a package: copies the licence into it, since npm only includes files of the
// package, and refuses to pack one that has not been built.
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

if (!existsSync('dist')) {
  console.error('There is nothing to pack yet. Run: npm run build');
  process.exit(1);
}
copyFileSync(join(fileURLToPath(new URL('..', import.meta.url)), 'LICENSE'), 'LICENSE');
