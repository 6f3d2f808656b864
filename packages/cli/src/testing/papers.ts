/** Stored results of papers for tests, and an interrupted run. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseResult, type RunResult } from '@southwell/papers/node';
import { command, type Outcome, type workshop } from '../testing.ts';

type Workshop = ReturnType<typeof workshop>;

export function keptResults(at: Workshop['at']) {
  const results = (): string => at(join('home', 'results'));
  return {
    results,
    kept: (): RunResult[] =>
      readdirSync(results()).map((name) => parseResult(readFileSync(join(results(), name), 'utf8'))),
    forget: () => rmSync(at('home'), { recursive: true, force: true }),
  };
}

/** A long run, interrupted once it reports that it has begun. */
export function interruptedPaper({ folder, env }: Workshop, times: number): Promise<Outcome> {
  const args = ['papers', 'run', '01', '--experiment', 'figure-4,figure-8', '--full', '--json'];
  const child = spawn(process.execPath, [command, ...args], { cwd: folder, env: env() });
  let [out, err, sent] = ['', '', 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    if ((sent === 0 && /figure-4 .*%/.test(err)) || (sent === 1 && times > 1 && /Ctrl-C again/.test(err))) {
      sent++;
      child.kill('SIGINT');
    }
  });
  return new Promise((done) => child.on('close', (code) => done({ code, out, err })));
}
