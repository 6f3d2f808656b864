import { bytesText, count, grouped, type LanguageFacts } from '@southwell/tasks';
import { EXIT } from '../errors.ts';
import { inspectedLanguage } from '../jobs/language-file.ts';
import pc from '../terminal/colours.ts';
import { printable, table, wrap } from '../text.ts';
import { arraysText } from './inspect-network.ts';

/** `southwell inspect` of a language model of others. */
export async function inspectLanguage(
  data: string,
  options: { readonly json?: boolean; readonly all?: boolean },
): Promise<number> {
  const facts = await inspectedLanguage(data);
  if (options.json)
    process.stdout.write(`${JSON.stringify({ southwell: 1, name: data, ...facts, exitCode: 0 }, null, 2)}\n`);
  else process.stdout.write(`${languageText(data, facts, options.all === true)}\n`);
  return EXIT.done;
}

function languageText(path: string, facts: LanguageFacts, all: boolean): string {
  const { layers, tensors, vocabulary, context, numbers, gives, unused } = facts;
  const limit = all ? Number.POSITIVE_INFINITY : 60;
  const more = (n: number): string[] => (n > limit ? [pc.dim(`  … and ${n - limit} more (--all shows them)`)] : []);
  const bytes = tensors.reduce((sum, t) => sum + (t.bytes ?? 0), 0);
  return [
    pc.bold(
      printable(
        `${path}: ${count(layers.length, 'layer')}, ${grouped(numbers)} numbers in ${count(tensors.length, 'array')}, ${bytesText(bytes)}`,
      ),
    ),
    wrap(
      `a language model of ${count(vocabulary, 'token')}, ${gives === 'logits' ? 'which continues texts' : 'an encoder'}; context ${grouped(context)}`,
    ),
    ...(unused.length > 0
      ? [wrap(printable(`not needed: ${unused.slice(0, 6).join(', ')}${unused.length > 6 ? ', …' : ''}`))]
      : []),
    '',
    table(
      [{ title: 'layer' }, { title: 'type' }, { title: 'numbers', align: 'right' }],
      layers.slice(0, limit).map(({ name, kind, numbers: own }) => [name, kind, own > 0 ? grouped(own) : '']),
    ),
    ...more(layers.length),
    '',
    ...arraysText(tensors, limit),
  ].join('\n');
}
