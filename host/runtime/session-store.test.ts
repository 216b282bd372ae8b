import { Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { encodeModel } from '../../models/onnx/encode-model.ts';
import { GraphBuilder } from '../../models/onnx/graph-builder.ts';
import { multiply } from '../../models/onnx/operators.ts';
import { ok } from '../../nodes/problem.ts';
import { createSessionStore, type SessionRequest } from './session-store.ts';

/** A network that multiplies by a number. */
function requestFor(factor: number): SessionRequest {
  return {
    key: `times ${factor}`,
    title: `the network times ${factor}`,
    mode: 'resident',
    build() {
      const builder = new GraphBuilder('times');
      const x = builder.input('x', 'float32', [1]);
      builder.output(multiply(builder, 'product', x, builder.float32([factor], [1])), 'y', 'float32', [1]);
      const graph = builder.build();
      return ok({ bytes: encodeModel(graph), externalDataFolder: '', inputs: graph.inputs, outputs: graph.outputs });
    },
  };
}

it('a network that was closed to make room for others is opened again when it is used', async () => {
  const store = createSessionStore({ device: 'cpu', threads: 1, onSessionTime: () => undefined });
  try {
    const open = [];
    for (let factor = 1; factor <= 20; factor++) {
      const opened = await store.open(requestFor(factor));
      if (!opened.ok) throw new Error(opened.problem.message);
      open.push(opened.value);
    }
    for (const [index, session] of open.entries()) {
      const found = await session.run({ x: new Tensor('float32', Float32Array.of(3), [1]) });
      expect(found.ok && [...(found.value['y']?.data ?? [])]).toEqual([3 * (index + 1)]);
    }
  } finally {
    await store.close();
  }
});
