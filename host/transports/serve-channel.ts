import type { ZodError } from 'zod';
import { fail, type Result } from '../../nodes/problem.ts';
import { CALLS, type CallName, type ContractService } from '../contract.ts';
import { clientMessage, type MessageChannel, type ServerMessage } from './messages.ts';

/** How many calls of one client may be under way. */
const MOST_CALLS = 64;

/** Answers one client's calls and sends it every event, until its channel closes. Whatever comes in is checked first. */
export function serveChannel(channel: MessageChannel, service: ContractService, onBug: (error: unknown) => void): void {
  const send = (message: ServerMessage): void => channel.send(message);
  const stop = service.subscribe(({ name, payload }) => send({ kind: 'event', name, payload }));
  const seat = service.presence.join();
  let underWay = 0;

  const answer = async (name: string, args: unknown): Promise<Result<unknown>> => {
    if (!isCallName(name)) return fail('contract.unknownCall', `There is no call ${JSON.stringify(name.slice(0, 60))}.`);
    if (underWay >= MOST_CALLS) return fail('contract.refused', `More than ${MOST_CALLS} calls are under way. Wait for their answers.`);
    const parsed = CALLS[name].args.safeParse(args);
    if (!parsed.success) return fail('contract.invalid', explainInvalid(`The call ${name}`, parsed.error));
    // Calls that say which window makes them.
    if ('client' in parsed.data) seat.speaksFor(parsed.data.client);
    underWay += 1;
    try {
      // The table pairs each call's schema with its handler; TypeScript can't follow the pair through a name known only now.
      const handler = service.handlers[name] as (args: unknown) => Promise<Result<unknown>>;
      return await handler(parsed.data);
    } catch (error) {
      onBug(error);
      return fail('contract.refused', `The call ${name} stopped with an error inside. This is a mistake in Emulsion; please report it.`);
    } finally {
      underWay -= 1;
    }
  };

  channel.listen(
    (message) => {
      const parsed = clientMessage.safeParse(message);
      if (!parsed.success) {
        channel.close();
        return;
      }
      const { id, name, args } = parsed.data;
      void answer(name, args).then((result) => send({ kind: 'answer', id, result }));
    },
    () => {
      stop();
      seat.leave();
    },
  );
}

/** The sentence about data that does not have the shape the contract gives it. */
export function explainInvalid(what: string, error: ZodError): string {
  const [issue] = error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.');
  return `${what} is not as the contract has it: ${where}: ${issue?.message ?? 'wrong'}.`;
}

function isCallName(name: string): name is CallName {
  return Object.hasOwn(CALLS, name);
}
