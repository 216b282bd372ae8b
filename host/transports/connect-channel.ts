import { fail, ok, type Problem, type Result } from '../../nodes/problem.ts';
import { CALLS, type CallName, type CallResult, type ContractClient, EVENTS, type EventName, type EventPayload } from '../contract.ts';
import { type MessageChannel, serverMessage } from './messages.ts';

/** The client's side of a channel. Answers and events are checked before anybody sees them. */
export function connectChannel(channel: MessageChannel): ContractClient {
  const waiting = new Map<number, { readonly name: CallName; readonly settle: (result: Result<unknown>) => void }>();
  const listeners = new Map<EventName, Set<(payload: unknown) => void>>();
  let nextId = 1;
  let isClosed = false;

  const onClose = (): void => {
    isClosed = true;
    for (const { settle } of waiting.values()) settle(closed());
    waiting.clear();
  };
  channel.listen((message) => {
    const parsed = serverMessage.safeParse(message);
    if (!parsed.success) return;
    if (parsed.data.kind === 'event') {
      const { name, payload } = parsed.data;
      if (!isEventName(name)) return; // a newer host may say more than this client knows
      const event = EVENTS[name].safeParse(payload);
      if (event.success) for (const listener of listeners.get(name) ?? []) listener(event.data);
      return;
    }
    const call = waiting.get(parsed.data.id);
    waiting.delete(parsed.data.id);
    call?.settle(readResult(call.name, parsed.data.result));
  }, onClose);

  return {
    call<N extends CallName>(name: N, args: unknown): Promise<Result<CallResult<N>>> {
      if (isClosed) return Promise.resolve(closed());
      return new Promise((resolve) => {
        const id = nextId++;
        // `readResult` has checked the value against the schema of this very name.
        waiting.set(id, { name, settle: resolve as (result: Result<unknown>) => void });
        channel.send({ kind: 'call', id, name, args });
      });
    },
    on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void) {
      const added = listener as (payload: unknown) => void; // only payloads of this name, checked, are given to it
      const those = listeners.get(name) ?? new Set();
      listeners.set(name, those.add(added));
      return () => those.delete(added);
    },
    close() {
      channel.close();
      onClose();
    },
  };
}

function readResult(name: CallName, result: unknown): Result<unknown> {
  if (typeof result === 'object' && result !== null && 'ok' in result) {
    if (result.ok === true && 'value' in result) {
      const value = CALLS[name].result.safeParse(result.value);
      if (value.success) return ok(value.data);
    } else if (result.ok === false && 'problem' in result) {
      return fail(result.problem as Problem); // from the host this client chose to trust
    }
  }
  return fail('contract.invalid', `The answer to ${name} is not as the contract has it. Host and window may be of different versions.`);
}

function closed(): Result<never> {
  return fail('contract.closed', 'The connection to the host is closed. Start it again, or reload the page.');
}

function isEventName(name: string): name is EventName {
  return Object.hasOwn(EVENTS, name);
}
