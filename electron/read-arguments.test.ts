import { expect, it } from 'vitest';
import { filesToOpen } from './read-arguments.ts';

it.each<[string[], number, string[]]>([
  [['emulsion'], 1, []],
  [['emulsion', 'a.emulsion.json', '/b/c.PNG'], 1, ['/home/a.emulsion.json', '/b/c.PNG']],
  [['electron', '.', 'my graph.json'], 2, ['/home/my graph.json']],
  [['emulsion', '--no-sandbox', '--flag=x.json', 'notes.txt', 'sh'], 1, []],
])('%j opens %j', (argv, own, files) => {
  expect(filesToOpen(argv, own, '/home')).toEqual(files);
});
