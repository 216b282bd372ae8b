import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listCacheEntries } from '../../host/store/cache-folder.ts';
import { lastStates, makeDocument, openTestHost } from './open-test-host.ts';

// Runs graphs on a disk that is too small for their pictures and prints what came of it. Arguments: evaluator, folder, what is small.
const [entry = '', folder = '', small = 'out'] = process.argv.slice(2);

const test = await openTestHost(entry, { folder, cacheFolder: small === 'cache' ? join(folder, 'cache') : null, memoryCacheBytes: 0 });
const document = (size: number) =>
  makeDocument(
    {
      p: ['test.picture', { size, slowMs: 100 }],
      n: ['test.noise', { size }],
      save: ['test.save'],
      one: ['test.number'],
      two: ['test.steps'],
    },
    ['p.image > n.image', 'n.image > save.image', 'one.number > two.number'],
  );
const outFolder = small === 'out' ? join(folder, 'out') : join(folder, '..', `out-${process.pid}`);
const tell = async (size: number, more: object = {}) => {
  const { ended, events } = await test.run(document(size), { outFolder, targets: ['save', 'two'], ...more });
  return {
    outcome: ended.outcome,
    problems: ended.problems,
    warnings: events.flatMap((event) => (event.kind === 'problem' ? [event.problem] : [])),
    states: lastStates(events),
    files: await readdir(outFolder),
  };
};
const large = await tell(512);
const dumped = await tell(512, { dumps: [{ node: 'n', output: 'image', path: join(folder, 'n.safetensors') }], targets: ['n'] });
const next = await tell(8);
await test.close();
process.stdout.write(
  JSON.stringify({
    large,
    dumped,
    next,
    left: (await readdir(folder)).sort(),
    kept: (await listCacheEntries(join(folder, 'cache'))).length,
  }),
);
