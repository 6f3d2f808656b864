import { checkWritable, writeFileAtomic } from '@southwell/data/node';
import { SouthwellError } from '@southwell/numerics/core';
import {
  type ChosenPoint,
  coefficientName,
  count,
  duration,
  type FitOutcome,
  type FitRequest,
  type FitResult,
  headline,
  interceptText,
  modelKind,
  number,
  type Progress,
  reportHtml,
  scoreName,
} from '@southwell/tasks';
import { linearModels } from 'southwell/linear-models';
import pc from '../colours.ts';
import { EXIT, UsageError } from '../errors.ts';
import { plotAssets } from '../plotAssets.ts';
import { progressText } from '../progress.ts';
import { runInWorker } from '../run-in-worker.ts';
import { printable, table, wrap } from '../text.ts';

export interface FitCommandOptions extends Partial<FitRequest> {
  readonly save?: string;
  readonly report?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The fit command: gives the exit code. */
export async function fitCommand(data: string, options: FitCommandOptions, command: string): Promise<number> {
  checkOptions(options);
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
    new URL('../worker.js', import.meta.url),
    request,
    {
      quiet: quiet === true,
      progressText,
      stopping: 'Stopping; the best model so far is kept. Ctrl-C again quits at once.',
      stoppedEarly: 'Stopped before there was a model; nothing was written.',
    },
  );
  try {
    return tell(outcome, interrupted && outcome.result.fit.status !== 'converged', options, command);
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
  const finished = result.fit.status === 'converged' && !interrupted ? EXIT.converged : EXIT.stopped;
  const exitCode = failures.length > 0 ? EXIT.usage : finished;
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

function stoppedText(r: FitResult): string {
  const { model, fit } = r;
  const gap = fit.gap === undefined ? '' : `, gap ${fit.gap.toExponential(1)}`;
  return `Stopped on request. Best model so far: alpha ${number(model.alpha)}, ${count(model.active, 'active feature')}${gap}.`;
}

function fitText(r: FitResult): string {
  const { data, model, fit, crossValidation: cv, path } = r;
  const lines: string[] = [''];
  const about = data.classes
    ? `${data.target} (${data.classes
        .slice(0, 12)
        .map((c) => `${printable(c.label)} ${c.rows.toLocaleString('en')}`)
        .join(', ')}${data.classes.length > 12 ? `, and ${data.classes.length - 12} more` : ''})`
    : data.events !== undefined
      ? `${data.target} (${count(data.events, 'event')})`
      : data.targetMean === undefined
        ? data.target
        : `${data.target} (mean ${number(data.targetMean)}, sd ${number(data.targetSd)})`;
  lines.push(wrap(`${data.name}: ${count(data.rows, 'row')}, ${count(data.features, 'feature')}, target ${about}`));
  for (const note of data.notes.slice(0, 5)) lines.push(pc.dim(wrap(printable(note), '  ')));
  lines.push('', pc.bold(wrap(headline(r))), '');
  if (cv) {
    const row = (name: string, point: ChosenPoint, kept: boolean) => [
      name,
      number(point.alpha),
      number(point.score),
      number(point.standardError, 2),
      String(point.active),
      kept ? '← kept' : '',
    ];
    lines.push(
      table(
        [
          { title: 'rule' },
          { title: 'alpha', align: 'right' },
          { title: scoreName(cv.scoring), align: 'right' },
          { title: 'se', align: 'right' },
          { title: 'features', align: 'right' },
          { title: '' },
        ],
        [
          row('best score', cv.min, cv.rule === 'min'),
          row('one standard error', cv.oneStandardError, cv.rule === '1se'),
        ],
      ),
      '',
    );
  } else if (path) {
    const step = Math.max(1, Math.ceil(path.alphas.length / 15));
    const shown = path.alphas.map((_, i) => i).filter((i) => i % step === 0 || path.alphas[i] === model.alpha);
    lines.push(
      table(
        [
          { title: 'alpha', align: 'right' },
          { title: 'features', align: 'right' },
          { title: 'deviance explained', align: 'right' },
          { title: 'BIC', align: 'right' },
          { title: '' },
        ],
        shown.map((i) => [
          number(path.alphas[i]),
          String(path.active[i]),
          `${(100 * path.devianceRatio[i]).toFixed(1)} %`,
          number(path.bic[i], 5),
          path.alphas[i] === model.alpha ? '← kept' : '',
        ]),
      ),
      '',
    );
  }
  const top = model.coefficients.slice(0, 10);
  if (top.length > 0) {
    const largest = Math.abs(top[0].perSd) || 1;
    lines.push(
      table(
        [
          {
            title:
              model.coefficients.length > top.length
                ? `largest ${top.length} of ${model.coefficients.length}`
                : 'feature',
          },
          { title: 'coefficient', align: 'right' },
          { title: 'per sd', align: 'right' },
          { title: '' },
        ],
        top.map((c) => [
          coefficientName(c),
          number(c.value),
          number(c.perSd),
          (c.perSd < 0 ? '−' : '+') + '█'.repeat(Math.max(1, Math.round((16 * Math.abs(c.perSd)) / largest))),
        ]),
      ),
    );
  }
  lines.push(pc.dim(wrap(printable(interceptText(model.intercept)), '  ')), '');
  const done = cv
    ? `${count(cv.alphas.length, 'strength')} × ${cv.folds} folds and the full path`
    : path
      ? count(path.alphas.length, 'strength')
      : count(fit.iterations, 'working set');
  const message = fit.status === 'converged' ? pc.green(fit.message) : pc.yellow(fit.message);
  lines.push(
    message,
    ...r.advice.map((sentence) => wrap(sentence)),
    pc.dim(`${done} in ${duration(r.seconds)}, reading included.`),
  );
  return lines.join('\n');
}
