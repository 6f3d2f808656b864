// Updates the tables of options in docs/ from the declarations of the tasks: npm run docs, after a build. The tables
// are between <!-- options: VERB --> and <!-- end of options -->; a test fails if one is out of date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tasks, withTables } from '@southwell/tasks';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
for (const name of readdirSync(docs).filter((file) => file.endsWith('.md'))) {
  const page = readFileSync(docs + name, 'utf8');
  const now = withTables(page, tasks);
  if (now === page) continue;
  writeFileSync(docs + name, now);
  console.log(`docs/${name}`);
}
