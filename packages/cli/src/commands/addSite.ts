import type { Command } from 'commander';
import { example } from '../options.ts';

/** `southwell site`; its implementation is loaded on demand. */
export function addSite(program: Command, end: (code: number) => void): void {
  program
    .command('site')
    .description('Write the workbench as files for any host: whoever reads it installs nothing.')
    .requiredOption('--out <folder>', 'a new or empty folder, or one that holds such a site')
    .option(
      '--base-url <url>',
      'where it will be reached, for whole links in its Atom feeds and its page for what is not found',
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      example('southwell site --out site', 'southwell site --out site --base-url https://example.org/southwell/'),
    )
    .action(async (options) => {
      const { siteCommand } = await import('./site.ts');
      end(await siteCommand(options));
    });
}
