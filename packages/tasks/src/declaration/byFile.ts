/** Files for which a word runs another command. Apart from the loaders of families, which pages do not need. */
export const byFile: ReadonlyArray<{ readonly word: string; readonly runs: string; readonly file: RegExp }> = [
  { word: 'solve', runs: 'solve-model', file: /^[^-].*\.(nl|mps|qps|lp|mjs)(\.gz)?$/i },
];

/** The first word of the command that a file is for by the ending of its name, whichever word is typed. */
export const fileRuns = (name: string): string | undefined => byFile.find(({ file }) => file.test(name))?.runs;
