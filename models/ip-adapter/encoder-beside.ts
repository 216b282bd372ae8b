import { dirname, join } from 'node:path';

/** Where an IP-Adapter's vision encoder lies unless it is named, as the published folders have it. */
export function encoderBeside(path: string): string {
  return join(dirname(path), 'image_encoder');
}
