import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildTestEvaluator, makeDocument, openTestHost } from '../test/e2e/open-test-host.ts';

let entry: string;
beforeAll(async () => {
  entry = await buildTestEvaluator();
});
const opened: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(opened.map((one) => one.close())));

it('a host that was warmed up runs its first graph in the evaluator that is there', async () => {
  const test = await openTestHost(entry);
  opened.push(test);
  const ready = new Promise<void>((resolve) => test.host.watchEvaluator((state) => state === 'ready' && resolve()));
  test.host.warmUp();
  test.host.warmUp();
  await ready;
  const { evaluatorPid } = test.host;
  expect(evaluatorPid).toBeGreaterThan(0);
  expect((await test.run(makeDocument({ a: ['test.number'] }))).ended.outcome).toBe('done');
  expect(test.host.evaluatorPid).toBe(evaluatorPid);
  expect(test.evaluatorStates).toEqual(['starting', 'ready']);
});

it('a warm evaluator that dies before the first run is replaced', async () => {
  const test = await openTestHost(entry);
  opened.push(test);
  const ready = new Promise<void>((resolve) => test.host.watchEvaluator((state) => state === 'ready' && resolve()));
  test.host.warmUp();
  await ready;
  const died = new Promise<void>((resolve) => test.host.watchEvaluator((state) => state === 'died' && resolve()));
  process.kill(test.host.evaluatorPid!, 'SIGKILL');
  await died;
  expect((await test.run(makeDocument({ a: ['test.number'] }))).ended.outcome).toBe('done');
});
