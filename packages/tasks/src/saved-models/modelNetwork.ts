/** The entry of a file's metadata that says which kind of model its tensors are, as plain data. */
export const MODEL = 'southwell.model';

/** Examples of a batch, and the least number of batches, so that some can be set apart. */
const [SIZE, LEAST] = [64, 4];

/** Places among `count`, at most `most` of them and evenly spread, in batches that are spread likewise. */
export function spreadBatches(count: number, most: number): ReadonlyArray<readonly number[]> {
  const taken = Math.min(count, most);
  const batches = Math.min(taken, Math.max(LEAST, Math.ceil(taken / SIZE)));
  return Array.from({ length: batches }, (_, b) => {
    const places: number[] = [];
    for (let i = b; i < taken; i += batches) places.push(Math.floor((i * count) / taken));
    return places;
  });
}
