import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTemplate } from '../../graphs/templates.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import { registry } from '../../nodes/registry.ts';
import { unwrap } from '../unwrap.ts';
import { openRealHost, type RealHost } from './open-real-host.ts';

const folder = fileURLToPath(new URL('../../graphs/templates/', import.meta.url));
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));
const textOf = (name: string): string => readFileSync(`${folder}${name}.json`, 'utf8');
const read = (name: string) => unwrap(parseTemplate(name, JSON.parse(textOf(name)), registry));

let host: RealHost;
beforeAll(async () => {
  host = await openRealHost([folder]);
});
afterAll(() => host.close());

/** What a person has to choose before a template can run, by `node.param`: for what no bundled model has. */
const needsOf = (name: string): string[] => {
  const needs = read(name).document.meta?.['needs'];
  return Array.isArray(needs) ? needs.map(String) : [];
};

describe.each(names)('the template %s', (name) => {
  it('is in order and written canonically', () => {
    const { problems, document } = read(name);
    expect(problems).toEqual([]);
    expect(textOf(name)).toBe(writeGraph(document));
  });

  it('runs with the bundled models and leaves something to look at, or says what has to be chosen', async () => {
    const { ended, events } = await host.run(read(name).document);
    const needs = needsOf(name);
    if (needs.length > 0) {
      expect(ended.problems.map(({ nodeId, socket }) => `${nodeId}.${socket}`)).toEqual(needs);
      return;
    }
    expect(ended).toMatchObject({ outcome: 'done', problems: [] });
    expect(events.filter((event) => event.kind === 'result').length).toBeGreaterThan(0);
  });
});
