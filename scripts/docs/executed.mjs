/**
 * Commands of the documentation: blocks of `sh` are run in order, in one folder for a page; a block of `text` that follows
 * one is its output, `text first=9` its first lines. A block whose language is followed by the name of a file, as in
 * `csv points.csv`, is that file. Blocks of `bash` are only shown.
 */

const FENCE = /^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm;
const COMMAND = 'npx southwell ';

/** The words of a command line; what is in quotes is one word. */
export const wordsOf = (line) =>
  Array.from(line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g), ([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  );

/** The command lines of a block, each without `npx southwell`. Throws if it has others. */
function linesOf(code) {
  const lines = code
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+#\s.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  for (const line of lines)
    if (!line.startsWith(COMMAND)) throw new Error(`A block of sh runs only southwell: ${line}`);
  return lines.map((line) => line.slice(COMMAND.length));
}

/** Output as it is shown: at most the first lines. */
function shownOf(out, words) {
  const lines = out.replace(/^\n+/, '').trimEnd().split('\n');
  const first = Number(/first=(\d+)/.exec(words)?.[1] ?? lines.length);
  return `${lines.slice(0, first).join('\n')}\n${lines.length > first ? '…\n' : ''}`;
}

/**
 * A page with the outputs that its commands have now.
 * @param {string} text
 * @param {(words: string[]) => string} run Runs a command and returns its output; throws if it fails.
 * @param {(name: string, contents: string) => void} write Writes a file for the commands.
 */
export function withOutputs(text, run, write) {
  let last;
  let end = 0;
  return text.replaceAll(FENCE, (whole, language, words, code, at) => {
    const follows = last !== undefined && text.slice(end, at).trim() === '';
    end = at + whole.length;
    if (/^ [\w-]+\.(csv|json)$/.test(words)) write(words.trim(), code);
    if (language === 'text' && follows) {
      const shown = shownOf(last, words);
      last = undefined;
      return `\`\`\`text${words}\n${shown}\`\`\``;
    }
    last =
      language === 'sh'
        ? linesOf(code)
            .map((line) => run(wordsOf(line)).trimEnd())
            .join('\n')
        : undefined;
    return whole;
  });
}

/** A text without the times in it, which differ from run to run. */
export const withoutTimes = (text) => text.replaceAll(/\b[\d.,]+ (ms|s)\b/g, '… s');
