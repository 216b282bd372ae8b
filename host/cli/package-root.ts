import { dirname, join } from 'node:path';
import { findModelsRoot } from '../../models/models-root.ts';

/** The folder of this package: where dist/, models/ and graphs/templates/ lie. */
export function findPackageRoot(): string {
  return dirname(findModelsRoot());
}

/** Where the shipped example graphs lie. */
export function templatesFolder(): string {
  return join(findPackageRoot(), 'graphs', 'templates');
}
