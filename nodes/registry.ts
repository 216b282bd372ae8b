import { createRegistry } from './define-node.ts';

/** Every node Emulsion ships, in the order menus show them. */
export const registry = createRegistry([]);
