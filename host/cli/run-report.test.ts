import { expect, it } from 'vitest';
import { problem } from '../../nodes/problem.ts';
import { problemLine } from './output.ts';
import { createRunReport } from './run-report.ts';

it('tells a sentence once, and begins with the nodes that it stops where it names none', () => {
  const lines: string[] = [];
  const report = createRunReport(
    {
      result: () => undefined,
      json: () => undefined,
      note: () => undefined,
      problem: (one) => lines.push(problemLine(one)),
      fault: undefined,
    },
    false,
  );
  const damaged = problem('model.damaged', '/m is cut short. Download it again.');
  const named = problem('model.unsupported', 'Sampler cannot use m. Choose another model.');
  const failed = problem('node.failed', 'It stopped. Try again.');
  for (const nodeId of ['a', 'b']) report.show({ kind: 'state', nodeId, title: 'Text Encoder', state: { kind: 'running' } });
  report.show({ kind: 'state', nodeId: 'c', title: 'Sampler', state: { kind: 'running' } });
  report.show({
    kind: 'ended',
    outcome: 'failed',
    problems: [
      { ...damaged, nodeId: 'a' },
      { ...named, nodeId: 'c' },
      { ...damaged, nodeId: 'b' },
      { ...failed, nodeId: 'a' },
      { ...failed, nodeId: 'b' },
      { ...damaged, message: '/n is empty.', nodeId: 'unknown' },
    ],
    durationMs: 1,
    modelMs: 0,
  });
  expect(lines).toEqual([
    'error: Text Encoder “a”, Text Encoder “b”: /m is cut short. Download it again.',
    'error: Sampler cannot use m. Choose another model.',
    'error: Text Encoder “a”, Text Encoder “b”: It stopped. Try again.',
    'error: /n is empty.',
  ]);
});
