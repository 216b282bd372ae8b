import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GraphDocument } from '../../graphs/document.ts';
import { nodeId } from '../../graphs/document.ts';
import { findTextEncoder } from '../../graphs/find-text-encoder.ts';
import { findModelsRoot } from '../../models/models-root.ts';
import { registry } from '../../nodes/registry.ts';
import { makeDocument } from '../../test/e2e/open-test-host.ts';
import { fixturesRoot } from '../../test/fixtures-reader.ts';
import type { FilePolicy } from '../file-access.ts';
import { createTokenCounter, type TokenCount } from './count-tokens.ts';

const root = fixturesRoot();
const policy: FilePolicy = {
  baseFolders: [root],
  readFolders: [],
  modelFolders: [],
  packsRoot: join(findModelsRoot(), 'packs'),
  trusted: [],
};
const counter = createTokenCounter();

function graph(model: string | null, prompt: string | null, more: Record<string, unknown> = {}): GraphDocument {
  return makeDocument(
    {
      checkpoint: ['model.loadCheckpoint', { model }],
      lora: ['model.loadLora'],
      prompt: ['conditioning.textEncoder', { prompt, ...more }],
    },
    ['checkpoint.model > lora.model', 'checkpoint.textEncoder > lora.textEncoder', 'lora.textEncoder > prompt.textEncoder'],
  );
}

async function count(document: GraphDocument, node = 'prompt', param = 'prompt'): Promise<TokenCount | null> {
  const found = findTextEncoder(document, registry, nodeId(node), param);
  if (found === undefined) return null;
  const counted = await counter(found, policy);
  if (!counted.ok) throw new Error(counted.problem.message);
  return counted.value;
}

const tiny = 'pipelines/lcm-tiny';

describe('the tokens of a prompt', () => {
  it('are counted by the tokenizer of the model that is wired, start and end included', async () => {
    expect(await count(graph('emoji', 'a red apple'))).toEqual({
      tokens: 5,
      hasMore: false,
      limit: 32,
      chunks: 1,
      chunkTokens: 30,
      isCut: false,
    });
    expect(await count(graph(tiny, 'a'))).toMatchObject({ tokens: 3, chunks: 1, isCut: false });
  });

  it('beyond the limit are left out of plain texts, and come in chunks where weights are written', async () => {
    const long = Array.from({ length: 40 }, () => 'apple').join(' ');
    expect(await count(graph('emoji', long))).toEqual({ tokens: 42, hasMore: false, limit: 32, chunks: 1, chunkTokens: 30, isCut: true });
    expect(await count(graph('emoji', `(${long}:1.2)`, { syntax: 'weights' }))).toEqual({
      tokens: 40,
      hasMore: false,
      limit: 32,
      chunks: 2,
      chunkTokens: 30,
      isCut: false,
    });
    const longer = Array.from({ length: 5000 }, () => 'apple').join(' ');
    expect(await count(graph('emoji', longer))).toMatchObject({ hasMore: true, isCut: true });
    expect(await count(graph('emoji', longer, { syntax: 'weights' }))).toMatchObject({
      tokens: 600,
      hasMore: true,
      chunks: 20,
      isCut: true,
    });
    expect(await count(graph('emoji', '(apple:1.2)', { syntax: 'weights' }))).toMatchObject({ tokens: 3, chunks: 1 });
  });

  it('are those of the longest text that a prompt ever says', async () => {
    expect(await count(graph('emoji', '[apple:apple apple apple:0.5] AND apple', { syntax: 'weights' }))).toMatchObject({ tokens: 5 });
  });

  it('are told of a text that is written elsewhere and wired', async () => {
    const document = graph('emoji', null);
    const text = makeDocument({ words: ['value.text', { value: 'a red apple' }] });
    const wired = makeDocument({}, ['words.value > prompt.prompt']);
    const joined = {
      ...document,
      nodes: { ...document.nodes, ...text.nodes },
      edges: { ...document.edges, wire: Object.values(wired.edges)[0]! },
    };
    expect(await count(joined, 'words', 'value')).toMatchObject({ tokens: 5, limit: 32 });
    expect(await count(joined)).toBeNull();
  });

  it('are not told without a model, without a text, and of an encoder that there is not', async () => {
    expect(await count(makeDocument({ prompt: ['conditioning.textEncoder', { prompt: 'x' }] }))).toBeNull();
    expect(await count(graph('emoji', null))).toBeNull();
    expect(await count(graph('emoji', 'x', { prompt2: 'y' }), 'prompt', 'prompt2')).toBeNull();
    const found = findTextEncoder(graph('gone', 'x'), registry, nodeId('prompt'), 'prompt');
    expect(await counter(found!, policy)).toMatchObject({ ok: false, problem: { code: 'model.missing' } });
  });
});
