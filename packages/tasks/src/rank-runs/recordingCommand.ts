/** A command that writes an event list. */
export const RECORDING_COMMAND =
  'npx southwell train data.csv --target y --ranks 4 --compress top-k=0.1 --events events.json';
