import { z } from 'zod';
import { show } from '../nodes/params.ts';
import { isWellFormedText } from './check-json.ts';

const name = z
  .string({ error: 'must be text' })
  .min(1, { error: 'must not be empty' })
  .max(200, { error: 'may have 200 characters' })
  .refine(isWellFormedText, { error: 'must be whole characters (it holds half of one)' });
const record = z.record(z.string(), z.unknown(), { error: 'must be an object' });
const place = z.number({ error: 'must be a number' });
const extent = place.min(0, { error: 'must be a number from 0' });
const entity = { error: 'must be an object' };

/** The shape of each part of a graph file; a message is the end of a sentence that starts with the part's path. */
export const fileSchema = {
  id: name,
  record,
  node: z.looseObject(
    {
      type: name,
      version: z.int({ error: 'must be a whole number' }).min(1, { error: 'must be a whole number from 1' }),
      params: record.optional(),
      title: z.string({ error: 'must be text' }).optional(),
      bypass: z.boolean({ error: 'must be true or false' }).optional(),
      mute: z.boolean({ error: 'must be true or false' }).optional(),
      unlocked: z.record(z.string(), z.literal(true, { error: 'must be true' }), { error: 'must be an object' }).optional(),
    },
    entity,
  ),
  edge: z.looseObject(
    {
      from: z.looseObject({ node: name, output: name }, entity),
      to: z.looseObject(
        { node: name, input: name, index: z.int({ error: 'must be a whole number' }).min(0, { error: 'must be from 0' }).optional() },
        entity,
      ),
    },
    entity,
  ),
  layout: {
    positions: z.looseObject({ x: place, y: place }, entity),
    collapsed: z.literal(true, { error: 'must be true' }),
    unfolded: z.literal(true, { error: 'must be true' }),
    frames: z.looseObject(
      {
        title: z.string({ error: 'must be text' }),
        x: place,
        y: place,
        width: extent,
        height: extent,
        color: z.string({ error: 'must be text' }).optional(),
      },
      entity,
    ),
    notes: z.looseObject({ text: z.string({ error: 'must be text' }), x: place, y: place, width: extent, height: extent }, entity),
  },
};

/** Why a value does not have a shape ("edges.e1.to.node must be text, and is missing"); undefined when it has. */
export function explainShape(schema: z.ZodType, value: unknown, path: string): { sentence: string; path: string } | undefined {
  const checked = schema.safeParse(value);
  if (checked.success) return undefined;
  const [issue] = checked.error.issues;
  const steps = issue?.path ?? [];
  let at = value;
  for (const step of steps) {
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? (at as Record<PropertyKey, unknown>)[step] : undefined; // an own key
  }
  const full = [path, ...steps.map(String)].join('.');
  return { sentence: `${full} ${issue?.message ?? 'has the wrong shape'}, and is ${show(at)}`, path: full };
}
