/** The report of a fit in a browser; the long test beside this one shows every kind of report, at every width. */
import { describe, test } from 'vitest';
import { canReport, fitReport, reportsOf } from './report.ts';

describe.skipIf(!canReport)('the report in Chromium (needs /usr/bin/chromium and a build)', () => {
  const { looksRight } = reportsOf([fitReport('path', 'bundled:diabetes', '--path')]);

  test('of a path, on a phone in dark: drawn, within the page, silent', () =>
    looksRight('path', 'dark', 360, ['paths', 'convergence']));
});
