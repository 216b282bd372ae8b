import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { FlowState, FlowStore } from './flow-store.ts';

/** Gives the canvas's own store to what is drawn on it. */
export const FlowContext = createContext<FlowStore | undefined>(undefined);

/** The store of the canvas this is drawn on. */
export function useFlow(): FlowStore {
  const flow = useContext(FlowContext);
  if (flow === undefined) throw new Error('this is drawn on no canvas');
  return flow;
}

/** A part of what the canvas draws. */
export function useFlowPart<P>(choose: (state: FlowState) => P): P {
  return useStore(useFlow().state, choose);
}
