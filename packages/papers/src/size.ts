/** `quick`: under half a minute in a browser, smaller than the paper. `full`: the sizes of the study. */
export type Size = 'quick' | 'full';
