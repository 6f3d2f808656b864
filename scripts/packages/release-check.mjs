// Tests the packages as a user would, from tarballs alone: node scripts/packages/release-check.mjs [DIR]. Without DIR
// the packages are packed first, after a build. The exit code is 0 only if every step succeeds.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { pack } from './pack.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'southwell-release-'));
const at = join(folder, 'user');
mkdirSync(at);
writeFileSync(join(at, 'package.json'), '{ "private": true, "type": "module" }');
const env = { ...process.env, SOUTHWELL_HOME: folder };

let failures = 0;
function step(what, check) {
  const problem = check();
  if (problem) failures++;
  console.log(`${problem ? '✗' : '✓'} ${what}${problem ? `\n  ${problem}` : ''}`);
}
function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: at,
    encoding: 'utf8',
    env,
    maxBuffer: 1 << 28,
  });
  return status === 0
    ? { stdout }
    : {
        problem:
          String(error ?? `${stdout}${stderr}`)
            .trim()
            .slice(-800) || `exit ${status}`,
      };
}
/** A step that runs the command, and checks that it has written these files. */
const southwell = (line, ...files) =>
  step(`southwell ${line}`, () => {
    const { problem } = run('npx', ['southwell', ...line.split(' ')]);
    return problem ?? files.filter((file) => !existsSync(join(at, file))).map((file) => `${file} was not written`)[0];
  });

const given = process.argv[2];
const from = given ? resolve(given) : join(folder, 'tarballs');
if (!given) pack(from);
const tarballs = readdirSync(from)
  .filter((name) => name.endsWith('.tgz'))
  .map((name) => join(from, name));

const { version } = JSON.parse(readFileSync(join(root, 'packages/southwell/package.json'), 'utf8'));
step(`one version, ${version}, in every package and in CHANGELOG.md`, () => {
  const odd = tarballs.filter((path) => !path.endsWith(`-${version}.tgz`));
  if (odd.length > 0) return `not of that version: ${odd.join(', ')}`;
  return readFileSync(join(root, 'CHANGELOG.md'), 'utf8').includes(`## ${version}`)
    ? undefined
    : 'CHANGELOG.md lacks it';
});
step(
  `npm install of ${tarballs.length} tarballs in an empty folder`,
  () => run('npm', ['install', '--no-audit', '--no-fund', ...tarballs]).problem,
);

// Engines are optional, but examples call them.
const { peerDependencies } = JSON.parse(readFileSync(join(root, 'packages/engines/package.json'), 'utf8'));
for (const [name, range] of Object.entries(peerDependencies)) {
  step(
    `npm install of the engine ${name}`,
    () => run('npm', ['install', '--no-audit', '--no-fund', `${name}@${range}`]).problem,
  );
}

const table = 'x1,x2,group,y,time,event\n';
const rows = Array.from({ length: 60 }, (_, i) => {
  const [a, b] = [Math.sin(i), Math.cos(3 * i)];
  return `${a},${b},${i % 3},${2 * a - b + 0.1 * Math.sin(7 * i)},${1 + (i % 9)},${i % 2}`;
});
writeFileSync(join(at, 'table.csv'), `${table}${rows.join('\n')}\n`);
writeFileSync(
  join(at, 'ratings.csv'),
  `user,item,value\n${rows.map((_, i) => `u${i % 8},i${i % 9},${1 + (i % 5)}`).join('\n')}\n`,
);

southwell('--version');
southwell('inspect table.csv');
southwell('fit table.csv --target y --cv 4 --save model.json --report report.html', 'model.json', 'report.html');
southwell('predict model.json table.csv --out predictions.csv', 'predictions.csv');
southwell('cluster table.csv -k 3 --drop y --save clusters.json --out clusters.csv', 'clusters.json', 'clusters.csv');
southwell('predict clusters.json table.csv --out assigned.csv', 'assigned.csv');
southwell('graph learn table.csv --drop group --out edges.csv', 'edges.csv');
southwell('factor svd table.csv -k 2 --save svd.json', 'svd.json');
southwell('factor complete ratings.csv --row user --col item --value value --out ratings-new.csv', 'ratings-new.csv');
southwell(
  'privatise table.csv --target y --features x1,x2 --epsilon 20 --delta 0.01 --clip-x 1.5 --clip-y 3 --out reports.csv --protocol protocol.json',
  'reports.csv',
  'protocol.json',
);
southwell('fit-private reports.csv --protocol protocol.json --eigen-floor 0.1 --save private.json', 'private.json');
southwell('isotonic table.csv --target y --features x1 --save curve.json', 'curve.json');
southwell('train table.csv --target y --epochs 5 --save net.json', 'net.json');
southwell('predict net.json table.csv --out net.csv', 'net.csv');
writeFileSync(join(at, 'bowl.mjs'), 'export default (x) => (x[0] - 1) ** 2 + x[1] ** 2;\n');
southwell('minimize --module bowl.mjs --lower -5,-5 --upper 5,5 --jobs 2 --json');
southwell('papers list');
southwell('papers run 17 --claims-only --no-save');
southwell('site --out site', 'site/index.html');

for (const page of ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]) {
  if (!page.endsWith('.md')) continue;
  const text = readFileSync(join(root, page), 'utf8');
  const examples = [...text.matchAll(/^```(?:ts|js|typescript|javascript)\n([\s\S]*?)^```/gm)]
    .map(([, code]) => code)
    .filter((code) => /^import /m.test(code));
  for (const [k, code] of examples.entries()) {
    step(`${page}, example ${k + 1}`, () => {
      const { outputText } = ts.transpileModule(code, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      });
      writeFileSync(join(at, 'example.mjs'), outputText);
      return run(process.execPath, ['example.mjs']).problem;
    });
  }
}

await new Promise((done) => {
  const server = spawn('npx', ['southwell', 'workbench', '--port', '0'], { cwd: at, env, detached: true });
  let out = '';
  const end = (problem) => {
    clearTimeout(limit);
    step('southwell workbench answers', () => problem);
    process.kill(-server.pid, 'SIGINT');
    done();
  };
  const limit = setTimeout(() => end(`no address within 20 s: ${out}`), 20_000);
  server.stdout.on('data', async (chunk) => {
    out += chunk;
    const url = /http:\/\/\S+/.exec(out)?.[0];
    if (!url) return;
    server.stdout.removeAllListeners('data');
    const answer = await fetch(url).catch((error) => ({ ok: false, status: String(error) }));
    end(answer.ok ? undefined : `status ${answer.status}`);
  });
});
rmSync(folder, { recursive: true, force: true });
console.log(failures > 0 ? `${failures} steps failed` : 'All steps passed.');
process.exitCode = failures > 0 ? 1 : 0;
