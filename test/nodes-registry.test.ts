import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { renderNodeDocs } from '../bin/render-node-docs.ts';
import { registry } from '../nodes/registry.ts';
import { findTypeFaults } from './contracts/node-contract.ts';
import { findSchemaFaults } from './contracts/node-schema-faults.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Where each node comes from, as the registry's own imports say. */
const imports = [...readFileSync(`${root}nodes/registry.ts`, 'utf8').matchAll(/^import \{ (\w+) \} from '\.\/(.+)\.ts';$/gm)].flatMap(
  ([, name = '', path = '']) => (path === 'define-node' ? [] : [{ name, path: `nodes/${path}` }]),
);

describe('the registry', () => {
  it('holds what it imports and nothing else', async () => {
    const imported = await Promise.all(imports.map(async ({ name, path }) => (await import(`${root}${path}.ts`))[name]));
    expect(new Set(imported)).toEqual(new Set(registry.all()));
    expect(imported).toHaveLength(registry.all().length);
  });

  it('has each title once: people find nodes by it', () => {
    const titles = registry.all().map((node) => node.title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('has nodes with complete schemas, documentation and migrations', () => {
    expect(registry.all().flatMap(findSchemaFaults)).toEqual([]);
  });

  it('has nodes whose types agree with their sockets', () => {
    expect(registry.all().flatMap(findTypeFaults)).toEqual([]);
  });

  it('has one node a file, in the folder of its category', async () => {
    for (const { name, path } of imports) {
      const node = (await import(`${root}${path}.ts`))[name];
      expect(path).toMatch(new RegExp(`^nodes/${node.category}/[a-z0-9-]+$`));
      expect(readFileSync(`${root}${path}.ts`, 'utf8').match(/defineNode\(/g)).toHaveLength(1);
    }
  });

  it('has nodes with a test beside them that holds them to the node contract', () => {
    const untested = imports.filter(({ name, path }) => {
      const test = `${root}${path}.test.ts`;
      return !existsSync(test) || !new RegExp(`\\bnodeContract\\(\\s*${name}\\b`).test(readFileSync(test, 'utf8'));
    });
    expect(untested.map(({ path }) => `${path}.ts has no ${path}.test.ts that calls nodeContract`)).toEqual([]);
  });
});

it('docs/nodes.md is what npm run docs writes', () => {
  const page = existsSync(`${root}docs/nodes.md`) ? readFileSync(`${root}docs/nodes.md`, 'utf8') : '';
  expect(page === renderNodeDocs(registry.all()), 'docs/nodes.md is stale: run npm run docs').toBe(true);
});
