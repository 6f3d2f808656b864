import { type Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { example } from '../options.ts';
import { TaskOption } from '../task/taskOption.ts';

/** A command for completion: its words after `southwell`, the words that may follow, and its options. */
interface Node {
  readonly path: readonly string[];
  readonly commands: readonly Command[];
  readonly options: readonly Option[];
}

function nodesOf(command: Command, path: readonly string[] = []): Node[] {
  const help = new Option('-h, --help', 'show this help');
  const commands = command.commands.filter((c) => c.name() !== 'help');
  return [
    { path, commands, options: [...command.options.filter((o) => !o.hidden), help] },
    ...commands.flatMap((c) => nodesOf(c, [...path, c.name()])),
  ];
}

const flagsOf = (o: Option): string[] => [o.short, o.long].filter((f): f is string => f !== undefined && f !== null);
const valuesOf = (o: Option): readonly string[] => (o instanceof TaskOption ? o.values : (o.argChoices ?? []));
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** For bash; falls back to file names. */
function bash(nodes: readonly Node[]): string {
  const walk = nodes
    .filter((n) => n.path.length > 0)
    .map(
      ({ path }) =>
        `      ${quoted(`${path.slice(0, -1).join(' ')}:${path.at(-1)}`)}) path=${quoted(path.join(' '))} ;;`,
    );
  const words = nodes.map(
    ({ path, commands, options }) =>
      `    ${quoted(path.join(' '))}) commands=${quoted(commands.map((c) => c.name()).join(' '))} options=${quoted(options.flatMap(flagsOf).join(' '))} ;;`,
  );
  const values = nodes.flatMap(({ path, options }) =>
    options
      .filter((o) => o.required)
      .flatMap((o) =>
        flagsOf(o).map(
          (flag) => `    ${quoted(`${path.join(' ')}:${flag}`)}) argument=1 values=${quoted(valuesOf(o).join(' '))} ;;`,
        ),
      ),
  );
  return `# Completion of southwell in bash: source <(southwell completion bash)
_southwell() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local path='' word commands='' options='' argument='' values=''
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    case "$path:$word" in
${walk.join('\n')}
    esac
  done
  COMPREPLY=()
  case "$path:$previous" in
${values.join('\n')}
  esac
  if [[ -n $argument ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$current"))
    return
  fi
  case "$path" in
${words.join('\n')}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$commands" -- "$current"))
  fi
}
complete -o default -F _southwell southwell
`;
}

/** zsh can run completions of bash. */
const zsh = (nodes: readonly Node[]): string =>
  `# Completion of southwell in zsh: source <(southwell completion zsh)
(( $+functions[compdef] )) || { autoload -U +X compinit && compinit }
autoload -U +X bashcompinit && bashcompinit
${bash(nodes).split('\n').slice(1).join('\n')}`;

/** For fish, with a description of everything. */
function fish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap(({ path, commands, options }) => {
    const within = path.map((word) => `__fish_seen_subcommand_from ${word}`);
    const names = commands.map((c) => c.name());
    const none = names.length > 0 ? [`not __fish_seen_subcommand_from ${names.join(' ')}`] : [];
    const when = [...within, ...none].join('; and ');
    const condition = when === '' ? '' : ` -n ${quoted(when)}`;
    return [
      ...commands.map((c) => `complete -c southwell${condition} -f -a ${c.name()} -d ${quoted(c.description())}`),
      ...options.map((o) => {
        const flags = flagsOf(o).map((f) => (f.startsWith('--') ? `-l ${f.slice(2)}` : `-s ${f.slice(1)}`));
        const values = valuesOf(o);
        const argument = o.required ? (values.length > 0 ? ` -x -a ${quoted(values.join(' '))}` : ' -r') : '';
        return `complete -c southwell${condition} ${flags.join(' ')}${argument} -d ${quoted(o.description)}`;
      }),
    ];
  });
  return `# Completion of southwell in fish: southwell completion fish | source\n${lines.join('\n')}\n`;
}

const SHELLS: Readonly<Record<string, (nodes: readonly Node[]) => string>> = { bash, zsh, fish };

/** Adds `completion`, which prints the script with which a shell completes all commands of the program. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('Print a script with which a shell completes commands.')
    .argument('<shell>', Object.keys(SHELLS).join(', '))
    .addHelpText('after', example('source <(southwell completion bash)', 'southwell completion fish | source'))
    .action((shell: string) => {
      const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
      if (!script) throw new UsageError(`Completion supports ${Object.keys(SHELLS).join(', ')}, not '${shell}'.`);
      process.stdout.write(script(nodesOf(program)));
    });
}
