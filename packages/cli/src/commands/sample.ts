import { checkWritable, writeFileAtomic } from '@southwell/data/node';
import { check, flags, grouped, type Sampling, samplingOptions } from '@southwell/tasks';
import type { Command } from 'commander';
import { EXIT, UsageError } from '../errors.ts';
import { readModel } from '../jobs/read-model.ts';
import { checkTargets } from '../jobs/same-file.ts';
import { example } from '../options.ts';
import { optionOf } from '../task/addTask.ts';
import { stoppable } from '../terminal/stoppable.ts';
import { printable } from '../text.ts';

interface SampleOptions extends Partial<Sampling> {
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Characters after which a Ctrl-C is seen. */
const TURN = 32;

/** Gives the exit code. */
export async function sampleCommand(path: string, given: SampleOptions): Promise<number> {
  const { out, json = false, quiet = false, ...asked } = given;
  const how = check({ options: samplingOptions }, asked as Sampling, flags({ options: samplingOptions }));
  checkTargets([['the model', path]], out === undefined ? [] : [['--out', out]]);
  if (out !== undefined) checkWritable(out);
  const { saved } = await readModel(path);
  if (!saved.writes) {
    throw new UsageError(`${path} is a model that predicts, and writes nothing: give a model of a text.`);
  }
  const added = await stoppable(quiet || json, async (signal, progress) => {
    let text = '';
    let done = 0;
    for (const character of saved.writes!(how)) {
      text += character;
      if (++done % TURN !== 0) continue;
      progress(`writing: ${grouped(done)} of ${grouped(how.length)} characters`);
      await new Promise(setImmediate);
      signal.throwIfAborted();
    }
    return text;
  });
  const { prompt = '' } = how;
  const text = `${prompt}${added}`;
  if (out !== undefined) writeFileAtomic(out, text);
  if (json) {
    const document = {
      ...{ southwell: 1, model: path, ...how, prompt },
      ...(out === undefined ? { text } : { out }),
      exitCode: EXIT.done,
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
  } else if (out === undefined) process.stdout.write(`${process.stdout.isTTY ? shown(text) : text}\n`);
  else if (!quiet) process.stderr.write(`${grouped(how.length)} characters written to ${printable(out)}\n`);
  return EXIT.done;
}

/** What a network was trained on may hold what moves a terminal's cursor; files and pipes get it as it is. */
const shown = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');

/** `southwell sample`. */
export function addSample(program: Command, end: (code: number) => void): void {
  const command = program
    .command('sample')
    .description('Write on with a saved model of a text, a character after the other.')
    .argument('<model>', 'model of a text, a file that --save wrote');
  for (const name of Object.keys(samplingOptions)) {
    command.addOption(optionOf({ options: samplingOptions, inputs: {} }, name).helpGroup('Options:'));
  }
  command
    .option('--out <file>', 'write a file instead of to the screen')
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'no notes')
    .addHelpText(
      'after',
      example(
        'southwell sample model.json --prompt "It is a truth" --length 400',
        'southwell sample model.json --temperature 0.5 --top-k 10 --seed 1 --out page.txt',
      ),
    )
    .action(async (model: string, options) => end(await sampleCommand(model, options)));
}
