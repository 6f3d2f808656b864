import { expect, test } from 'vitest';
import { loadFamilies, loadTask } from './byWord.ts';
import { families } from './registry.ts';

test('what is loaded by word are the families of the registry, in its order', async () => {
  expect(await loadFamilies()).toEqual(families);
  expect(await loadFamilies('no such word')).toEqual(families);
  for (const family of families) {
    for (const task of family.tasks) {
      expect(await loadFamilies(task.verb[0])).toEqual([family]);
      expect(await loadTask(task.verb.join(' '))).toBe(task);
    }
  }
});

test('a verb that is none is said', async () => {
  await expect(loadTask('graph unlearn')).rejects.toThrow(/no task 'graph unlearn'/);
});
