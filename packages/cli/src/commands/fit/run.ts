import { checkWritable, writeFileAtomic } from '@southwell/data/node';
import { finished, SouthwellError } from '@southwell/numerics/core';
import { type FitOutcome, type FitRequest, modelKind, type Progress, reportHtml } from '@southwell/tasks';
import { linearModels } from 'southwell/linear-models';
import { type CheckpointRequest, checkCheckpoint } from '../../checkpoint-file.ts';
import { EXIT, UsageError } from '../../errors.ts';
import { plotAssets } from '../../plotAssets.ts';
import { progressText } from '../../progress.ts';
import { runInWorker } from '../../run-in-worker.ts';
import { fitText, stoppedText } from './text.ts';

export interface FitCommandOptions extends Partial<FitRequest>, CheckpointRequest {
  readonly save?: string;
  readonly report?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The fit command: gives the exit code. */
export async function fitCommand(data: string, options: FitCommandOptions, command: string): Promise<number> {
  checkOptions(options);
  checkCheckpoint(options);
  // Before a long fit rather than after it.
  for (const path of [options.save, options.report]) if (path !== undefined) checkWritable(path);
  const { save: _, report, json: __, quiet, ...rest } = options;
  const request: FitRequest = {
    missing: 'error',
    path: false,
    rule: 'min',
    seed: 0,
    ...rest,
    data,
    command,
    wantReport: report !== undefined,
  };
  const { outcome, interrupted, end } = await runInWorker<FitOutcome, Progress>(
    new URL('../../worker.js', import.meta.url),
    request,
    {
      quiet: quiet === true,
      progressText,
      stopping: 'Stopping; the best model so far is kept. Ctrl-C again quits at once.',
      stoppedEarly: 'Stopped before there was a model; nothing was written.',
    },
  );
  try {
    return tell(outcome, interrupted && !finished(outcome.result.fit.status), options, command);
  } finally {
    // Interrupts are held until all is written, or one could end the process by the system's own hand in the middle.
    await end();
  }
}

/** Writes the files and prints the result; gives the exit code. */
function tell(outcome: FitOutcome, interrupted: boolean, options: FitCommandOptions, command: string): number {
  const { save, report, json, quiet } = options;
  const { result } = outcome;
  // What cannot be written must not take the result of a long fit with it: that is printed all the same.
  const failures: unknown[] = [];
  const write = (path: string | undefined, content: () => string): string | undefined => {
    if (path === undefined) return undefined;
    try {
      writeFileAtomic(path, content());
      return path;
    } catch (error) {
      failures.push(error);
      return undefined;
    }
  };
  const written = {
    saved: write(save, () => outcome.modelText),
    report: write(report, () => reportHtml(outcome, command, plotAssets())),
  };
  const exitCode =
    failures.length > 0 ? EXIT.usage : finished(result.fit.status) && !interrupted ? EXIT.done : EXIT.stopped;
  if (json) {
    process.stdout.write(`${JSON.stringify({ southwell: 1, command, ...result, ...written, exitCode }, null, 2)}\n`);
  } else if (!quiet) process.stdout.write(`${fitText(result)}\n`);
  if (interrupted) process.stderr.write(`${stoppedText(result)}\n`);
  if (!json && !quiet) {
    if (written.saved !== undefined) console.log(`Model written to ${save}`);
    if (written.report !== undefined) console.log(`Report written to ${report}`);
  }
  for (const failure of failures) if (!(failure instanceof SouthwellError)) throw failure;
  if (failures.length > 0) throw new UsageError(failures.map((f) => (f as Error).message).join(' '));
  return exitCode;
}

function checkOptions(o: FitCommandOptions): void {
  const chosen = [o.alpha !== undefined && '--alpha', o.path && '--path', o.cv !== undefined && '--cv'].filter(Boolean);
  if (chosen.length > 1) throw new UsageError(`Give one of ${chosen.join(' and ')}, not both.`);
  if (o.cv !== undefined && o.cv < 2) throw new UsageError(`--cv needs at least 2 folds, not ${o.cv}.`);
  if (o.model === undefined) return;
  const kind = modelKind(o.model);
  const only = (key: (typeof kind.takes)[number], flag: string) => {
    if (o[key] === undefined || kind.takes.includes(key)) return;
    const takers = Object.keys(linearModels).filter((name) => linearModels[name].takes.includes(key));
    throw new UsageError(`${flag} does not go with --model ${o.model}, but with ${takers.join(', ')}.`);
  };
  only('l1Ratio', '--l1-ratio');
  only('positive', '--positive');
  only('delta', '--delta');
  only('quantile', '--quantile');
  only('gamma', '--gamma');
  only('q', '--q');
  only('grouped', '--grouped');
  only('groups', '--group');
  if (!kind.penalised && chosen.length > 0) {
    throw new UsageError(`--model ${o.model} has no penalty: leave out ${chosen[0]}.`);
  }
}
