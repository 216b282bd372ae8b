import { createHash } from 'node:crypto';
import type { Device, MemoryMode } from './protocol.ts';

/** Results computed by another version of this are not used again: raise it when equal keys would give other values. */
const RESULTS_VERSION = 1;

/**
 * The hash that keys of results are made with. Device and the way weights are held go into it: results of another one differ in their last
 * digits and are not mixed up.
 */
export function resultHash(device: Device, memory: MemoryMode): (text: string) => string {
  const salt = JSON.stringify([RESULTS_VERSION, device, memory]);
  return (text) => createHash('sha256').update(`${salt}\n${text}`).digest('hex');
}
