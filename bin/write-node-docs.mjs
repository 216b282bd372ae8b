// Writes docs/nodes.md from the nodes themselves. A test fails when that page is stale.
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const CONTENTS = `
  import { renderNodeDocs } from './bin/render-node-docs.ts';
  import { registry } from './nodes/registry.ts';
  export const page = renderNodeDocs(registry.all());
`;

const result = await build({
  stdin: { contents: CONTENTS, resolveDir: root, loader: 'ts' },
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  write: false,
  logLevel: 'warning',
});
const { page } = await import(`data:text/javascript;base64,${Buffer.from(result.outputFiles[0].contents).toString('base64')}`);
await writeFile(join(root, 'docs/nodes.md'), page);
