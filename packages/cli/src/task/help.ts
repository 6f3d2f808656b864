import { type Command, Help } from 'commander';
import { example } from '../options.ts';
import { TaskOption } from './taskOption.ts';

/** Number of lines above which the help of a verb is shortened to what comes first. */
export const LONG = 60;

/** Whether help on every option is asked for: `fit --help all`, `help fit all`. */
export const asksAll = (argv: readonly string[]): boolean =>
  argv.at(-1) === 'all' && argv.some((word) => ['help', '--help', '-h'].includes(word));

/** What the help of a verb says besides its options. */
interface Said {
  /** Command lines without `southwell`, of which short help shows the first. */
  readonly examples: readonly string[];
  /** Flags that short help lists. */
  readonly first: ReadonlySet<string>;
  /** Whether all options are asked for. */
  readonly all: boolean;
  /** The words that users type, if they are not those of the command. */
  readonly called?: readonly string[];
}

/** Help of a verb: in full if that is short or asked for, otherwise the options that come first and one example. */
export function addHelp(command: Command, { examples, first, all, called }: Said): void {
  const lines = examples.map((line) => `southwell ${line}`.split(' && '));
  command.helpOption('-h, --help [all]', 'show this help; all: with all options');
  command.configureHelp({
    ...command.configureHelp(),
    formatHelp(cmd, helper) {
      const formatted = () => Help.prototype.formatHelp.call(helper, cmd, helper);
      if (called) helper.commandUsage = () => `southwell ${called.join(' ')} ${cmd.usage()}`;
      const whole = formatted() + example(...lines.flat());
      if (all || whole.split('\n').length <= LONG) return `${whole}\n`;
      const visible = helper.visibleOptions(cmd);
      const shown = visible.filter((option) => option.long === '--help' || first.has(option.long ?? option.short!));
      helper.visibleOptions = () => shown;
      helper.optionDescription = (option) => (option instanceof TaskOption ? option.brief : option.description);
      const words = [cmd.name()];
      for (let at = cmd.parent; at; at = at.parent) words.unshift(at.name());
      // Where a file decides which command runs, help is asked for beside one.
      const asked = called
        ? `southwell ${lines[0]
            .at(-1)!
            .split(' ')
            .slice(1, 1 + called.length + 1)
            .join(' ')}`
        : words.join(' ');
      return `${formatted()}${example(...lines[0])}\n${asked} --help all lists all ${visible.length} options.\n\n`;
    },
  });
}
