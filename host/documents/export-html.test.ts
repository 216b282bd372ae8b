import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyDocument, type GraphDocument } from '../../graphs/document.ts';
import { readGraph } from '../../graphs/read-graph.ts';
import { registry } from '../../nodes/registry.ts';
import { exportHtml } from './export-html.ts';

const template = async (): Promise<GraphDocument> => {
  const text = await readFile(join(import.meta.dirname, '../../graphs/templates/text-to-image.json'), 'utf8');
  return readGraph(text, registry).document!;
};

/** Every tag of a page, as written. */
const tagsOf = (html: string): string[] => [...html.matchAll(/<[a-z][^>]*>/gi)].map(([tag]) => tag);

describe('a page of a graph', () => {
  it('shows every node with its parameters and every wire, as a picture and in words', async () => {
    const html = exportHtml(await template(), 'Text to image', registry);
    expect(html.match(/<g class="node/g)).toHaveLength(7);
    expect(html.match(/<path class="wire/g)).toHaveLength(10);
    expect(html).toContain('<h3>Sampler “sampler”</h3>');
    expect(html).toContain('<dt>Steps</dt><dd>20</dd>');
    expect(html).toContain('<dt>Model</dt><dd>from Load Checkpoint “checkpoint”, Model</dd>');
    expect(html).toContain('<title>Text to image</title>');
    expect(html).toContain('7 nodes, 10 wires');
    expect(html).toContain('&quot;format&quot;: &quot;emulsion&quot;');
  });

  it('loads and runs nothing', async () => {
    const html = exportHtml(await template(), 'Text to image', registry);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!;
    const style = /<style>(.*?)<\/style>/s.exec(html)![1]!;
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`,
    );
    expect(
      tagsOf(html).filter((tag) => /^<(script|iframe|object|embed|link|img|a|form|base)\b|\s(on\w+|src|href|style)=/i.test(tag)),
    ).toEqual([]);
    expect(style).not.toMatch(/url\(|@import/);
  });

  it('lets nothing in a hostile graph become markup', () => {
    const evil = '"><script>alert(1)</script>\u0000\'`<img src=x onerror=y>';
    const document = {
      ...emptyDocument(),
      nodes: {
        [evil]: { type: evil, version: 1, params: { [evil]: evil }, title: evil },
        far: { type: 'image.load', version: 1, params: { file: evil } },
      },
      edges: { e: { from: { node: evil, output: evil }, to: { node: 'far', input: evil } } },
      layout: {
        positions: { far: { x: Number.POSITIVE_INFINITY, y: -1e300 } },
        frames: { f: { title: evil, x: 0, y: 0, width: 1e308, height: 10, color: 'red" onload="x' } },
        notes: { n: { text: evil.repeat(1000), x: 0, y: 0, width: 1e308, height: 0 } },
      },
      meta: { description: evil },
    } as unknown as GraphDocument;
    const html = exportHtml(document, evil, registry);
    const known =
      'html head meta title style body main h1 p div svg rect text tspan g path circle h2 article h3 span dl dt dd details summary pre'.split(
        ' ',
      );
    const names = new Set(tagsOf(html).map((tag) => /^<([a-z0-9]+)/i.exec(tag)![1]));
    expect([...names].filter((name) => !known.includes(name!))).toEqual([]);
    expect(tagsOf(html).filter((tag) => /\son\w+\s*=/i.test(tag.replace(/"[^"]*"/g, '""')))).toEqual([]);
    expect(html).not.toContain('\u0000');
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
    expect(/<svg.*<\/svg>/s.exec(html)![0].length).toBeLessThan(20_000);
  });

  it('places nodes without a place in the order of flow, circles too; an empty graph is a page as well', async () => {
    const { layout: _, ...bare } = await template();
    const html = exportHtml(bare, 'Bare', registry);
    const left = (title: string): number =>
      Number(new RegExp(`<rect class="body" x="([-\\d.]+)"[^>]*/>(?:(?!<rect class="body").)*?>${title}</text>`, 's').exec(html)![1]);
    expect(left('Load Checkpoint')).toBeLessThan(left('Sampler'));
    expect(left('Sampler')).toBeLessThan(left('Save Image'));
    const circle = structuredClone(bare) as unknown as { edges: Record<string, unknown> };
    circle.edges['back'] = { from: { node: 'decode', output: 'image' }, to: { node: 'checkpoint', input: 'model' } };
    expect(exportHtml(circle as unknown as GraphDocument, 'Circle', registry)).toContain('<svg');
    expect(exportHtml(emptyDocument(), 'Empty', registry)).toContain('0 nodes, 0 wires');
  });
});
