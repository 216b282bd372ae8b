import { expect, it } from 'vitest';
import { GRAPHS, openTestService } from '../../test/e2e/open-service.ts';
import { createReconnectingClient } from '../transport/reconnecting-client.ts';
import { createPictureStore } from './picture-store.ts';
import { createRunStore } from './run-store.ts';

it('follows runs one after another, each with the keys of its own graph', async () => {
  const test = await openTestService();
  try {
    const client = createReconnectingClient(async () => ({
      client: await test.connect('in-memory'),
      lost: new Promise<void>(() => undefined),
    }));
    await new Promise<void>((resolve) => client.watch((isConnected) => isConnected && resolve()));
    const runs = createRunStore(
      client,
      createPictureStore((act) => act()),
      (id) => id,
    );
    const done = new Promise<void>((resolve) => {
      runs.state.subscribe(({ runs: all }) => all.length === 3 && all.every(({ outcome }) => outcome !== 'running') && resolve());
    });
    await runs.start({ graph: GRAPHS.long }, { name: 'long', keys: new Map([['work', 'a']]) });
    await runs.start({ graph: GRAPHS.quick }, { name: 'second', keys: new Map([['work', 'b']]) });
    await runs.start({ graph: GRAPHS.quick }, { name: 'third', keys: new Map([['work', 'c']]) });
    const [third, second, first] = runs.state.getState().runs.map(({ id }) => id);
    expect(runs.state.getState()).toMatchObject({ current: first, waiting: [second, third] });
    await client.call('run.cancel', { runId: second! });
    await runs.cancel();
    await done;
    expect(runs.state.getState()).toMatchObject({ current: undefined, waiting: [] });
    expect(runs.state.getState().runs.map(({ outcome }) => outcome)).toEqual(['done', 'cancelled', 'cancelled']);
    expect(runs.nodes.get('work')).toMatchObject({ key: 'c', state: { kind: 'done' } });
    client.close();
  } finally {
    await test.close();
  }
});
