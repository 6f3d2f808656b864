/** Which row of the weights each unit has: sharing is that all have the first. */
export const patchRows = (arch: 'cnn' | 'lcn' | 'fcn', units: number): Int32Array =>
  Int32Array.from({ length: units }, (_, i) => (arch === 'cnn' ? 0 : i));
