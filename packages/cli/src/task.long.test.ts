import { tasks } from '@southwell/tasks';
import { describe, test } from 'vitest';
import { tellsWrongValues } from './testing/wrongValues.ts';
import { workshop } from './testing.ts';

const shop = workshop();
shop.file('rows.csv', 'a,b\n1,2\n3,4\n');

describe.each(
  tasks.filter(({ options }) => Object.keys(options).length > 0).map((task) => [task.verb.join(' '), task] as const),
)('%s', (_, task) => {
  test.each(Object.keys(task.options))('%s: wrong values and near misses are told', (name) =>
    tellsWrongValues(task, name, shop),
  );
});
