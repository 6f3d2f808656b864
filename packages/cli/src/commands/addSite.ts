import type { Command } from 'commander';
import { example } from '../options.ts';

/** `southwell site`; its implementation is loaded on demand. */
export function addSite(program: Command, end: (code: number) => void): void {
  program
    .command('site')
    .description('Write the workbench as static files for any host.')
    .requiredOption('--out <folder>', 'a new or empty folder, or one with an earlier site')
    .option('--base-url <url>', 'URL of the site, for absolute links in its Atom feeds and its page for missing files')
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
