/** A command that writes an event list. */
export const RECORDING_COMMAND =
  'npx southwell train data.csv --target y --ranks 4 --compress top-k=0.1 --network latency=2e-4,bandwidth=1e6 --events events.json';
