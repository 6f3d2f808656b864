import { bytesText, count, grouped, type LanguageFacts } from '@southwell/tasks';
import { EXIT } from '../errors.ts';
import { inspectedLanguage } from '../jobs/language-file.ts';
import pc from '../terminal/colours.ts';
import { printable, table, wrap } from '../text.ts';
import { arraysText, more } from './inspect-network.ts';

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

function languageText(path: string, { layers, tensors, numbers, model }: LanguageFacts, all: boolean): string {
  const limit = all ? Number.POSITIVE_INFINITY : 60;
  const bytes = tensors.reduce((sum, t) => sum + (t.bytes ?? 0), 0);
  const { unused = [] } = model ?? {};
  const parts = [
    ...(layers.length > 0 ? [count(layers.length, 'layer')] : []),
    `${grouped(numbers)} numbers in ${count(tensors.length, 'array')}`,
  ];
  return [
    pc.bold(printable(`${path}: ${parts.join(', ')}, ${bytesText(bytes)}`)),
    ...(model
      ? [
          wrap(
            `a language model of ${count(model.vocabulary, 'token')}, ${model.gives === 'logits' ? 'which continues texts' : 'an encoder'}; context ${grouped(model.context)}`,
          ),
        ]
      : []),
    ...(!model && layers.length === 0 ? ['There is no config.json beside it, so that its layers are not known.'] : []),
    ...(unused.length > 0
      ? [wrap(printable(`not needed: ${unused.slice(0, 6).join(', ')}${unused.length > 6 ? ', …' : ''}`))]
      : []),
    ...(layers.length > 0
      ? [
          '',
          table(
            [{ title: 'layer' }, { title: 'type' }, { title: 'numbers', align: 'right' }],
            layers.slice(0, limit).map(({ name, kind, numbers: own }) => [name, kind, own > 0 ? grouped(own) : '']),
          ),
          ...more(layers.length, limit),
        ]
      : []),
    '',
    ...arraysText(tensors, limit),
  ].join('\n');
}
