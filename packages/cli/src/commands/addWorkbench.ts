import { type Command, Option } from 'commander';
import { example, real } from '../options.ts';

const port = real('a port from 0 to 65535', (v) => Number.isInteger(v) && v >= 0 && v <= 65_535);

/** `southwell workbench`; the server is loaded on demand. */
export function addWorkbench(program: Command, end: (code: number) => void): void {
  program
    .command('workbench')
    .description('Serve the workbench: papers that run in your browser.')
    .option('--port <number>', 'port; if it is taken, the next free one of twenty', port, 4747)
    .option('--host <name>', 'interface to listen on; 0.0.0.0 for all, so that other machines can connect', '127.0.0.1')
    .option('--open', 'open it in the browser')
    .option(
      '--subscribers <file>',
      'handle the links of the digest, /confirm and /unsubscribe, with this list of subscribers',
    )
    .addOption(
      new Option('--smtp <url>', 'mail server for confirmation links; with --subscribers, visitors can subscribe').env(
        'SOUTHWELL_SMTP',
      ),
    )
    .option('--from <address>', 'sender of that mail (default: southwell at this host)')
    .option('--site <url>', 'URL of this server, for that link (default: where it listens)')
    .addHelpText('after', example('southwell workbench --open', 'southwell workbench --port 8080'))
    .action(async (options) => {
      const { workbenchCommand } = await import('./workbench.ts');
      end(await workbenchCommand(options));
    });
}
