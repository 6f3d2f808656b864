import { type Command, Option } from 'commander';
import { example, real } from '../options.ts';

const port = real('a port from 0 to 65535', (v) => Number.isInteger(v) && v >= 0 && v <= 65_535);

/** `southwell workbench`; the server is loaded on demand. */
export function addWorkbench(program: Command, end: (code: number) => void): void {
  program
    .command('workbench')
    .description('Serve the workbench: papers that run in your browser.')
    .option('--port <number>', 'or the next free one of twenty', port, 4747)
    .option('--host <name>', 'interface to listen on; 0.0.0.0 is all, for others to reach', '127.0.0.1')
    .option('--open', 'open it in the browser')
    .option('--subscribers <file>', 'answer the links of the digest, /confirm and /unsubscribe, from this list')
    .addOption(
      new Option('--smtp <url>', 'with --subscribers: visitors can subscribe; who mails them a link to confirm').env(
        'SOUTHWELL_SMTP',
      ),
    )
    .option('--from <address>', 'sender of that mail (default: southwell at this host)')
    .option('--site <url>', 'where this is reached, for that link (default: where it listens)')
    .addHelpText('after', example('southwell workbench --open', 'southwell workbench --port 8080'))
    .action(async (options) => {
      const { workbenchCommand } = await import('./workbench.ts');
      end(await workbenchCommand(options));
    });
}
