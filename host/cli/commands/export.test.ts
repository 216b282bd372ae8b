import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeDocument } from '../../../test/e2e/open-test-host.ts';
import { type CommandPlace, openCommandPlace } from '../../../test/e2e/spawn-command.ts';

let place: CommandPlace;
beforeAll(async () => {
  place = await openCommandPlace();
});
afterAll(() => place.close());

it('emulsion export writes a page, and replaces one only when told to', async () => {
  const graph = await place.write('sum.json', makeDocument({ a: ['test.number'], add: ['test.add'] }, ['a.number > add.a']));
  const path = join(place.folder, 'sum.html');
  const first = await place.run(['export', graph, '--html', 'sum.html']);
  expect(first).toMatchObject({ code: 0, stdout: `${path}\n` });
  expect(await readFile(path, 'utf8')).toContain('<title>sum</title>');
  const second = await place.run(['export', graph, '--html', 'sum.html']);
  expect(second).toMatchObject({ code: 2, stdout: '' });
  expect(second.stderr).toContain('Replace it with --force');
  expect(await place.run(['export', graph, '--html', 'sum.html', '--force'])).toMatchObject({ code: 0 });
  expect(await place.run(['export', graph])).toMatchObject({ code: 64 });
  expect(await place.run(['export', 'gone.json', '--html', 'x.html'])).toMatchObject({ code: 2 });
  expect(await place.run(['export', graph, '--html', 'no/such/folder.html'])).toMatchObject({ code: 2 });
});
