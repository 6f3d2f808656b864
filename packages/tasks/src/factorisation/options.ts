import { dataOptions, dropOption, readingOptions, seedOption, timeLimitOption } from '../declaration/data-options.ts';
import { type Condition, flag, option, real, whole } from '../declaration/option.ts';

/** Options that several verbs share. */

export const METHOD = 'The method:';
const RUN = 'The run:';
const advanced = { advanced: true };

export const componentsOption = (title: string, about: string) =>
  option(whole(1), { title, about, letter: 'k', required: true, form: { initial: 2 } });

/** Columns to use, and how missing values are handled. */
const { features, missing } = dataOptions;
export const columnOptions = {
  features,
  drop: dropOption({ initial: (table) => table.columns.filter((c) => c.type === 'text').map((c) => c.name) }),
  missing,
  ...readingOptions,
};

export const standardizeOption = dataOptions.standardize;
export const nonNegativeOption = (about: string, only: Condition, without: Condition) =>
  option(flag(), { title: 'non-negative', about, only, without, group: METHOD });

/** Limits of a run. */
export const tolOption = (about: string, usual: string) =>
  option(real(0), {
    title: 'Tolerance',
    about,
    argument: 'tolerance',
    otherwise: usual,
    group: RUN,
    form: { ...advanced, hint: usual },
  });
export const maxIterOption = (about: string, usual?: string) =>
  option(whole(1), {
    title: 'Maximum iterations',
    about,
    ...(usual !== undefined && { otherwise: usual }),
    group: RUN,
    form: { ...advanced, hint: usual ?? 'auto' },
  });
export const limitOption = (about: string) => timeLimitOption(about, RUN);
export const startSeed = (about: string) => seedOption(about, RUN);

/** For options of the library: under the heading of the run, or of the method. */
export const ofRun = () => ({ group: RUN });
export const ofMethod = () => ({ group: METHOD });
