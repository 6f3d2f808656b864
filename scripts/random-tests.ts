// Random inputs of property tests are the same in every run, so that a commit passes or fails whoever tests it. Others are
// drawn with SOUTHWELL_SEED=random, or with a whole number as SOUTHWELL_SEED.
import fc from 'fast-check';

const { SOUTHWELL_SEED: given = '1' } = process.env;
if (given !== 'random') {
  const seed = Number(given);
  if (!Number.isInteger(seed)) {
    throw new Error(`SOUTHWELL_SEED is '${given}': set it to a whole number, or to 'random'.`);
  }
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}
