import { describe, test } from 'vitest';
import { agreesWithOne, networkFile } from '../testing/network.ts';
import { workshop } from '../testing.ts';

const shop = workshop();
networkFile(shop.file);

describe('jobs over a simulated network say what one rank says', () => {
  test.each<readonly string[]>([
    ['cluster', 't.csv', '-k', '3', '--restarts', '2'],
    ['factor', 'svd', 't.csv', '-k', '2'],
    ['graph', 'learn', 't.csv', '--bootstrap', '4'],
    ['inspect', 't.csv'],
  ])('%s %s', (...args) => agreesWithOne(shop, args, ['2', '4']));

  test.each<readonly string[]>([
    ['fit', 't.csv', '--target', 'y', '--cv', '3', '--n-alphas', '8'],
    ['minimize', 'sphere', '--dim', '2', '--budget', '40', '--seed', '1'],
  ])('%s %s', (...args) => agreesWithOne(shop, args, ['4']));
});
