import { type ParamSpec, refuseParam } from '../nodes/params.ts';
import { explainNotJson, isWellFormedText } from './check-json.ts';

/** Why a value can't stand in a parameter of a document, as `refuseParam` says it; undefined when it can. */
export function explainValue(spec: ParamSpec, value: unknown): string | undefined {
  const refusal = refuseParam(spec, value);
  if (refusal !== undefined) return refusal;
  if (typeof value === 'string' && !isWellFormedText(value)) return 'must be whole characters, and holds half of one (a lone surrogate)';
  const notJson = typeof value === 'object' && value !== null ? explainNotJson(value) : undefined;
  return notJson === undefined ? undefined : `must be plain JSON, and ${notJson}`;
}
