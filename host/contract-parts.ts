import { z } from 'zod';
import type { Problem, ProblemCode } from '../nodes/problem.ts';

/** Graphs travel as the text of their file: it is read, checked and limited like any other file. */
export const graphText = z.string().max(32 * 2 ** 20);
export const runId = z.string().max(100);
export const nodeId = z.string();
export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, { error: 'must be bytes' });
export const size = z.number().int().min(0);
export const problem = z.object({
  code: z.custom<ProblemCode>((value) => typeof value === 'string'),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  nodeId: z.string().exactOptional(),
  socket: z.string().exactOptional(),
  path: z.string().exactOptional(),
}) satisfies z.ZodType<Problem>;
export const problems = z.array(problem);

/** A picture or file that stays in the host and is fetched by its id, which can't be guessed. */
export const artifact = z.object({ id: z.string(), name: z.string(), mime: z.string(), widthPx: size, heightPx: size });
