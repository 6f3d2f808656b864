import type { TextOutput } from '../declaration/output.ts';
import type { View } from '../declaration/view.ts';
import { viewPage } from './viewPage.ts';

/**
 * The output of a report made from the view of a result.
 * @param holds Names of result entries that are for pictures alone.
 */
export const reportOutput = <T extends { readonly command: string }>(
  about: string,
  title: (result: T) => string,
  view: (result: T) => View,
  holds: readonly string[] = [],
): TextOutput<T> => ({
  file: 'report.html',
  about,
  noun: 'Report',
  type: 'text/html',
  text: (result, script) => viewPage(title(result), view(result), result.command, script()),
  holds,
  json: 'report',
  pictures: true,
});
