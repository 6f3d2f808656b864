import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { complete, simulate, threads } from '@southwell/distributed';
import { expect, test } from 'vitest';
import { consensusAdmm, federatedWls, federatedWlsRanks } from './index.ts';
import { clientsOf, proxesOf, type RanksCase } from './testing.ranks.ts';

// Threads run what was built.
const module = new URL('../../../dist/distributed-methods/admm/testing.ranks.js', import.meta.url);
const built = existsSync(fileURLToPath(module));
const noise = { up: 1e-3, down: 1e-3 };
const cases: readonly RanksCase[] = [
  { clients: 7, rounds: 20, form: 'robust', options: { perRound: 3, noise, seed: 2 } },
  { clients: 7, rounds: 20, form: 'dual', options: { noise } },
  { clients: 5, rounds: 20, options: { l1: 2 } },
  { clients: 5, rounds: 20, options: { perRound: 2, seed: 3 } },
];

const alone = ({ form, options, ...of }: RanksCase) =>
  form
    ? federatedWls(clientsOf(of), { ...options, method: form, rounds: of.rounds }).w
    : consensusAdmm(proxesOf(of), { ...options, rounds: of.rounds }).w;

test.skipIf(!built)('threads give the bits of one process (needs a build)', async () => {
  for (const input of cases) {
    const expected = alone(input);
    expect(await threads(module, { ranks: 2, input })).toEqual([expected, expected]);
  }
});

const hasMpi = spawnSync('mpirun', ['--version'], { encoding: 'utf8' }).stdout?.includes('Open MPI') ?? false;
const hasKoffi = (() => {
  try {
    createRequire(import.meta.url)('koffi');
    return true;
  } catch {
    return false;
  }
})();
test.skipIf(!built || !hasMpi || !hasKoffi)('MPI gives the same bits (needs a build, Open MPI and koffi)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-admm-'));
  const told = join(folder, 'rank');
  const flags = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', '2'];
  const node = [process.execPath, '--conditions=modules', fileURLToPath(module), 'mpi', JSON.stringify(cases), told];
  const { status, stderr } = spawnSync('mpirun', [...flags, ...node], { encoding: 'utf8', timeout: 60_000 });
  expect(status, stderr).toBe(0);
  const expected = cases.map((input) => [...alone(input)]);
  for (const rank of [0, 1]) expect(JSON.parse(readFileSync(`${told}-${rank}.json`, 'utf8'))).toEqual(expected);
  rmSync(folder, { recursive: true });
});

test('a rank that stops in mid-round ends the others by an error that names it', () => {
  const [of] = cases;
  const clients = clientsOf(of);
  // Fifty moments of a run of about 0.1 s on the clock of the simulation.
  for (let k = 0; k < 50; k++) {
    const run = () =>
      complete(
        simulate(
          function* (comm) {
            const own = clients.slice(comm.rank * 2, comm.rank * 2 + 2);
            return yield* federatedWlsRanks(comm, own, { rounds: 40, perRound: 3, noise });
          },
          { ranks: 3, latency: 1e-3, stopped: { 1: 1e-3 + 1.5e-3 * k }, timeout: 5 },
        ),
      );
    expect(run).toThrow(/rank 1 has not responded/);
  }
});
