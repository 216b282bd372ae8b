import type { NodeId } from '../../graphs/document.ts';
import type { ParamSpec } from '../../nodes/params.ts';

/** What every control of a parameter is given. */
export interface ControlProps<S extends ParamSpec = ParamSpec> {
  readonly node: NodeId;
  readonly param: string;
  readonly spec: S;
  readonly value: unknown;
  /** Sets the value; gives the sentence why it can't stand there. */
  change(value: unknown): string | undefined;
  /** Ends a stretch of typing or dragging: what comes next is a step of its own. */
  done(): void;
}

/** The specification of one kind of parameter. */
export type SpecOf<K extends ParamSpec['kind']> = Extract<ParamSpec, { kind: K }>;
