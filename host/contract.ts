import { z } from 'zod';
import type { InputSpec, OutputSpec } from '../nodes/define-node.ts';
import type { ParamSpec } from '../nodes/params.ts';
import type { Result } from '../nodes/problem.ts';
import type { SocketType } from '../nodes/types/socket-type.ts';
import { artifact, bytes, graphText, nodeId, problem, problems, runId, size } from './contract-parts.ts';
import { DOCUMENT_CALLS, DOCUMENT_EVENTS } from './documents/document-calls.ts';
import type { WindowPresence } from './documents/window-presence.ts';
import { QUEUE_CALLS, QUEUE_EVENTS } from './queue/queue-contract.ts';
import { SHELL_CALLS, SHELL_EVENTS } from './shell/shell-contract.ts';

const nodeState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('queued') }),
  z.object({ kind: z.literal('running') }),
  z.object({ kind: z.literal('done'), durationMs: z.number(), cached: z.boolean() }),
  z.object({ kind: z.literal('failed'), problem }),
  z.object({ kind: z.literal('skipped'), because: nodeId, reason: z.enum(['failed', 'muted']) }),
  z.object({ kind: z.literal('cancelled') }),
]);
const outcome = z.enum(['done', 'failed', 'cancelled']);

const described = <T extends object>(): z.ZodType<T> => z.custom<T>((value) => typeof value === 'object' && value !== null);

/** What a node is, as data: everything but its code. */
const nodeSchema = z.object({
  id: z.string(),
  version: size,
  title: z.string(),
  category: z.string(),
  summary: z.string(),
  docs: z.string(),
  inputs: z.record(z.string(), described<InputSpec>()),
  outputs: z.record(z.string(), described<OutputSpec>()),
  params: z.record(z.string(), described<ParamSpec>()),
  effects: z.array(z.enum(['writesFile', 'shows'])),
});

/** By node and socket. */
const typesOfNode = described<Readonly<Record<string, SocketType>>>();
const socketTypes = z.record(z.string(), typesOfNode);

const modelEntry = z.object({
  name: z.string(),
  path: z.string(),
  label: z.string(),
  family: z.string(),
  bundled: z.boolean(),
});

/** The open document that a graph is of: files that it names are looked for beside its file first. */
const document = z.string().max(100).exactOptional();

/** A graph; left out: the open document itself, as the host has it. */
const graphOrOpen = graphText.exactOptional();

/** Every call: what it takes and what it gives. */
export const CALLS = {
  /** Reads a graph and says everything that is wrong with it, files and models included. */
  'graph.check': { args: z.object({ graph: graphText, document }), result: z.object({ problems }) },
  /** What an editor shows of a graph before it runs: socket types, keys of results, which are kept, and what is wrong. */
  'graph.infer': {
    args: z.object({ graph: graphText, document }),
    result: z.object({
      outputs: socketTypes,
      inputs: socketTypes,
      keys: z.record(z.string(), z.string()),
      cached: z.array(nodeId),
      /** Nodes that do not run because of a muted one, by node; a muted one names itself. */
      muted: z.record(z.string(), nodeId),
      problems,
    }),
  },
  /**
   * As `graph.infer`, but tells only what is different from an earlier answer: the one that `since` names. Where that is not known any
   * more, and where `since` is null, everything is told, and `since` in the result is null. By node; null: it has none any more.
   */
  'graph.inferChanges': {
    args: z.object({ graph: graphOrOpen, document, since: z.string().max(100).nullable() }),
    result: z.object({
      /** Number of the last entry that the open document had; null where the graph was sent. */
      sequence: size.nullable(),
      answer: z.string().max(100),
      since: z.string().max(100).nullable(),
      outputs: z.record(z.string(), typesOfNode.nullable()),
      inputs: z.record(z.string(), typesOfNode.nullable()),
      keys: z.record(z.string(), z.string().nullable()),
      cached: z.record(z.string(), z.boolean()),
      muted: z.record(z.string(), nodeId.nullable()),
      /** All of them; null: they are as they were. */
      problems: problems.nullable(),
    }),
  },
  /** How many tokens a text parameter has for the text encoder that reads it; null where none is wired. */
  'prompt.count': {
    args: z.object({ graph: graphOrOpen, document, node: nodeId, param: z.string().max(200) }),
    result: z.object({
      count: z
        .object({
          /** Start and end included where there is one chunk; else those of the text alone. */
          tokens: size,
          /** The text has more than `tokens`; how many was not counted. */
          hasMore: z.boolean(),
          /** What the encoder reads at once, start and end included. */
          limit: size,
          chunks: size,
          /** What one chunk holds of the text. */
          chunkTokens: size,
          /** The end of the text is left out. */
          isCut: z.boolean(),
        })
        .nullable(),
    }),
  },
  'nodes.list': { args: z.object({}), result: z.object({ nodes: z.array(nodeSchema) }) },
  'templates.list': {
    args: z.object({}),
    result: z.object({
      templates: z.array(
        z.object({
          name: z.string(),
          title: z.string(),
          description: z.string(),
          graph: graphText,
          /** A small WebP of what it gives. */
          thumbnail: bytes.nullable(),
        }),
      ),
    }),
  },
  /** Named samplers a scheduler parameter may hold, in the order to show them. */
  'schedulers.list': { args: z.object({}), result: z.object({ schedulers: z.array(z.object({ name: z.string(), title: z.string() })) }) },
  'models.list': { args: z.object({}), result: z.object({ models: z.array(modelEntry), problems }) },
  /** Puts a run into the queue; it starts at once where nothing else waits. Its events carry the id. */
  'run.start': {
    args: z.object({
      graph: graphText,
      document,
      /** How the queue calls it; left out: the graph's title. */
      title: z.string().max(500).exactOptional(),
      /** Node ids; left out: every node with effects, or every last one where there are none. */
      targets: z.array(nodeId).max(10_000).exactOptional(),
      /** `node.param=value`, applied before the run. */
      settings: z
        .array(z.string().max(2 ** 20))
        .max(1000)
        .exactOptional(),
      device: z.enum(['auto', 'cpu', 'webgpu', 'cuda']).exactOptional(),
      memory: z.enum(['auto', 'resident', 'streaming']).exactOptional(),
      useCache: z.boolean().exactOptional(),
    }),
    /** With what reading the graph left out, and what is worth knowing about it; the run goes on without. */
    result: z.object({ runId, problems }),
  },
  /** Stops between two model calls, or by force where that takes too long. */
  'run.cancel': { args: z.object({ runId }), result: z.object({}) },
  /** Stops at once. */
  'run.stop': { args: z.object({ runId }), result: z.object({}) },
  /** Where a run stands: for whoever comes in later. `ended` is null while it goes on. */
  'run.states': {
    args: z.object({ runId }),
    result: z.object({
      states: z.record(z.string(), nodeState),
      /** Each node's results so far. */
      results: z.record(z.string(), z.array(artifact)),
      ended: z.object({ outcome, problems }).nullable(),
    }),
  },
  ...QUEUE_CALLS,
  ...DOCUMENT_CALLS,
  ...SHELL_CALLS,
  'cache.show': { args: z.object({}), result: z.object({ folder: z.string().nullable(), entries: size, bytes: size }) },
  'cache.clear': { args: z.object({}), result: z.object({ entries: size, bytes: size }) },
  /**
   * A small picture of a picture file, or of the picture that lies beside a model; null where there is none, or it may not be read. `file` is
   * what a parameter holds, or a folder lists.
   */
  'file.thumbnail': {
    args: z.object({ kind: z.enum(['picture', 'model']), file: z.string().min(1).max(4096), document }),
    result: z.object({ picture: artifact.nullable() }),
  },
  /** A picture file to draw on: PNG, upright; made smaller where it has very many pixels. `file` is what a parameter holds. */
  'file.picture': {
    args: z.object({ file: z.string().min(1).max(4096), document }),
    result: z.object({ mime: z.string(), widthPx: size, heightPx: size, fileWidthPx: size, fileHeightPx: size, bytes }),
  },
  'artifact.read': { args: z.object({ id: z.string().max(100) }), result: z.object({ mime: z.string(), bytes }) },
} as const satisfies Record<string, { args: z.ZodType; result: z.ZodType }>;

/** Every event: what it carries. */
export const EVENTS = {
  'run.state': z.object({ runId, nodeId, title: z.string(), state: nodeState }),
  'run.progress': z.object({ runId, nodeId, done: z.number(), total: z.number(), etaMs: z.number().nullable() }),
  /** Work in progress; at most 30 a second, and only the latest counts. */
  'run.preview': z.object({ runId, nodeId, mime: z.string(), widthPx: size, heightPx: size, bytes }),
  'run.result': z.object({ runId, nodeId, artifacts: z.array(artifact) }),
  'run.problem': z.object({ runId, problem }),
  'run.note': z.object({ runId, message: z.string() }),
  'run.ended': z.object({ runId, outcome, problems, durationMs: z.number(), modelMs: z.number() }),
  ...QUEUE_EVENTS,
  ...DOCUMENT_EVENTS,
  ...SHELL_EVENTS,
  'evaluator.state': z.object({ state: z.enum(['starting', 'ready', 'stopped', 'died']) }),
} as const satisfies Record<string, z.ZodType>;

export type CallName = keyof typeof CALLS;
export type CallArgs<N extends CallName> = z.infer<(typeof CALLS)[N]['args']>;
export type CallResult<N extends CallName> = z.infer<(typeof CALLS)[N]['result']>;
export type EventName = keyof typeof EVENTS;
export type EventPayload<N extends EventName> = z.infer<(typeof EVENTS)[N]>;

/** One function for each call. A call without one does not compile. */
export type Handlers = { readonly [N in CallName]: (args: CallArgs<N>) => Promise<Result<CallResult<N>>> };

/** An event with its name. */
export type NamedEvent = { readonly [N in EventName]: { readonly name: N; readonly payload: EventPayload<N> } }[EventName];

/** The host's side of the contract, whatever it travels over. */
export interface ContractService {
  readonly handlers: Handlers;
  /** Gives every event to the listener until the function returned is called. */
  subscribe(listener: (event: NamedEvent) => void): () => void;
  /** Each connection says which windows it speaks for, so that what they hold is let go of when they are gone. */
  readonly presence: WindowPresence;
}

/** The other side: what a window, a browser or a test holds. */
export interface ContractClient {
  /** Never rejects for expected trouble: a broken connection or a wrong argument is a problem too. */
  call<N extends CallName>(name: N, args: CallArgs<N>): Promise<Result<CallResult<N>>>;
  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void;
  close(): void;
}
