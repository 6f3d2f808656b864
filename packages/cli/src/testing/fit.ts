import { type ChildProcess, spawn } from 'node:child_process';
import { command, type workshop } from '../testing.ts';

/** A long run, interrupted once its progress shows that it is fitting. */
export async function interruptedFit(
  { folder, env }: ReturnType<typeof workshop>,
  times: number,
): Promise<{ code: number | null; err: string }> {
  const args = [
    'fit',
    'bundled:spambase',
    '--model',
    'logistic',
    '--standardize',
    '--cv',
    '400',
    '--save',
    'kept.json',
  ];
  const child: ChildProcess = spawn(process.execPath, [command, ...args], { cwd: folder, env: env() });
  let err = '';
  let sent = 0;
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    if (sent === 0 && /cross-validating/.test(err)) {
      sent++;
      child.kill('SIGINT');
    } else if (sent === 1 && times > 1 && /Ctrl-C again/.test(err)) {
      sent++;
      // A sooner signal would be taken for the duplicate of the first.
      setTimeout(() => child.kill('SIGINT'), 350);
    }
  });
  child.stdout!.resume();
  // A process no longer handles signals during exit: use the code that a shell would report.
  const code = await new Promise<number | null>((done) =>
    child.on('close', (c, signal) => done(signal === 'SIGINT' ? 130 : c)),
  );
  return { code, err };
}
