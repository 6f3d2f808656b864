// Before `npm pack` or `npm publish` of a package: the licence goes into it, which npm takes from nowhere else, and
// nothing that was never built is packed.
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

if (!existsSync('dist')) {
  console.error('There is nothing to pack yet. Run: npm run build');
  process.exit(1);
}
copyFileSync(join(fileURLToPath(new URL('..', import.meta.url)), 'LICENSE'), 'LICENSE');
