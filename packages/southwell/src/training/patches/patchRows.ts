/** The row of the weights of each unit: with weight sharing all have the first. */
export const patchRows = (arch: 'cnn' | 'lcn' | 'fcn', units: number): Int32Array =>
  Int32Array.from({ length: units }, (_, i) => (arch === 'cnn' ? 0 : i));
