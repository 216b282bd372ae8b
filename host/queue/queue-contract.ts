import { z } from 'zod';
import { artifact, graphText, problems, runId, size } from '../contract-parts.ts';

const queueEntry = z.object({
  /** The run's id: its events carry it once it runs. */
  id: runId,
  state: z.enum(['waiting', 'paused', 'running', 'done', 'failed', 'cancelled']),
  title: z.string(),
  /** Milliseconds since 1970. */
  addedMs: z.number(),
  startedMs: z.number().nullable(),
  endedMs: z.number().nullable(),
  problems,
  /** The last picture it finished. */
  thumbnail: artifact.nullable(),
});

const galleryPicture = z.object({
  id: size,
  runId,
  nodeId: z.string(),
  artifact,
  /** Decimal, or a list as JSON; null where the graph has none. */
  seed: z.string().nullable(),
  /** Milliseconds since 1970. */
  madeMs: z.number(),
  /** What the run took until then. */
  durationMs: z.number().nullable(),
});

/** Calls about what waits, what ran and what came of it. `run.start` adds to the queue. */
export const QUEUE_CALLS = {
  'queue.list': { args: z.object({}), result: z.object({ isPaused: z.boolean(), entries: z.array(queueEntry) }) },
  /** Without an id the whole queue: nothing new starts. With one, that entry is passed over; if it runs, it stops and goes on from there later. */
  'queue.pause': { args: z.object({ id: runId.exactOptional() }), result: z.object({}) },
  'queue.resume': { args: z.object({ id: runId.exactOptional() }), result: z.object({}) },
  /** Puts a waiting entry before another one; null: last. */
  'queue.move': { args: z.object({ id: runId, beforeId: runId.nullable() }), result: z.object({}) },
  'queue.retry': { args: z.object({ id: runId }), result: z.object({ runId }) },
  /** Takes an entry that is over off the list; without an id all of them. Pictures stay. */
  'queue.clear': { args: z.object({ id: runId.exactOptional() }), result: z.object({}) },
  /** The graph that an entry runs, for opening it. */
  'queue.graph': { args: z.object({ id: runId }), result: z.object({ title: z.string(), graph: graphText }) },
  /** Newest first; `beforeId` for the next page. */
  'gallery.list': {
    args: z.object({ limit: z.number().int().min(1).max(500), beforeId: size.nullable() }),
    result: z.object({ pictures: z.array(galleryPicture) }),
  },
  /** The graph that made a picture, with the seed that it had then. */
  'gallery.graph': { args: z.object({ id: size }), result: z.object({ graph: graphText }) },
  /** Forgets a picture; its file stays where it is. */
  'gallery.remove': { args: z.object({ id: size }), result: z.object({}) },
} as const satisfies Record<string, { args: z.ZodType; result: z.ZodType }>;

/** Events about the queue and the gallery. */
export const QUEUE_EVENTS = {
  /** Something about the list is not as it was: ask again. */
  'queue.changed': z.object({}),
  'gallery.added': z.object({ picture: galleryPicture }),
} as const satisfies Record<string, z.ZodType>;
