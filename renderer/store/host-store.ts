import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallResult } from '../../host/contract.ts';
import type { NodeSchema } from '../../host/describe-node.ts';
import { createRegistry, type NodeRegistry } from '../../nodes/define-node.ts';
import type { ReconnectingClient } from '../transport/reconnecting-client.ts';
import { createSchemaRegistry } from './schema-registry.ts';

/** What the host offers. */
export interface HostState {
  readonly isConnected: boolean;
  /** True once the host has said which nodes there are. */
  readonly isReady: boolean;
  readonly schemas: readonly NodeSchema[];
  readonly registry: NodeRegistry;
  readonly templates: CallResult<'templates.list'>['templates'];
  readonly models: CallResult<'models.list'>['models'];
  readonly schedulers: CallResult<'schedulers.list'>['schedulers'];
}

/** Asks the host what it offers, again after every reconnection. Resolves `ready` after the first time. */
export function createHostStore(client: ReconnectingClient): { readonly state: StoreApi<HostState>; readonly ready: Promise<void> } {
  const state = createStore<HostState>(() => ({
    isConnected: false,
    isReady: false,
    schemas: [],
    registry: createRegistry([]),
    templates: [],
    models: [],
    schedulers: [],
  }));
  let announce: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    announce = resolve;
  });

  const load = async (): Promise<void> => {
    const [nodes, templates, schedulers] = await Promise.all([
      client.call('nodes.list', {}),
      client.call('templates.list', {}),
      client.call('schedulers.list', {}),
    ]);
    if (!nodes.ok) return;
    state.setState({
      isReady: true,
      schemas: nodes.value.nodes,
      registry: createSchemaRegistry(nodes.value.nodes),
      templates: templates.ok ? templates.value.templates : [],
      schedulers: schedulers.ok ? schedulers.value.schedulers : [],
    });
    announce();
    // Looking through model folders may take a while; nothing waits for it.
    const models = await client.call('models.list', {});
    if (models.ok) state.setState({ models: models.value.models });
  };
  client.watch((isConnected) => {
    state.setState({ isConnected });
    if (isConnected) void load();
  });
  return { state, ready };
}
