import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const MOST_LINES = 500;

/** The rooms of the house, and what each may import by relative path. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  nodes: ['nodes'],
  graphs: ['graphs', 'nodes'],
  models: ['models', 'nodes'],
  host: ['host', 'graphs', 'models', 'nodes'],
  electron: ['electron', 'host', 'graphs', 'models', 'nodes'],
  renderer: ['renderer', 'graphs', 'nodes', 'host/contract.ts', 'host/shell/shell-contract.ts', 'host/describe-node.ts', 'host/transports'],
};

/** Folders whose code is not part of the program. */
const OUTSIDE = ['test', 'bench', 'bin'];

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const sources = files.filter((path) => /\.(ts|tsx|mts)$/.test(path) && !path.endsWith('.d.ts'));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('source files', () => {
  it('lie in a folder that a rule covers', () => {
    const strays = sources.filter((path) => {
      const [folder = ''] = path.split('/');
      return !(folder in LAYERS) && !OUTSIDE.includes(folder) && path.includes('/');
    });
    expect(strays).toEqual([]);
  });

  it('import only what their layer may know', () => {
    const wrong: string[] = [];
    for (const path of sources) {
      const allowed = LAYERS[path.split('/')[0] ?? ''];
      if (allowed === undefined || path.includes('.test.')) continue;
      for (const [, from = ''] of read(path).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)) {
        const target = join(path, '..', from);
        if (!allowed.some((folder) => target === folder || target.startsWith(`${folder}/`))) wrong.push(`${path} imports ${from}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('load onnxruntime in host/runtime only, and electron in electron/ only', () => {
    const of = (name: string): string[] =>
      sources.filter(
        (path) => !OUTSIDE.includes(path.split('/')[0] ?? '') && new RegExp(`from '${name}['/]|import\\('${name}['/]`).test(read(path)),
      );
    expect(of('onnxruntime-node').filter((path) => !path.startsWith('host/runtime/'))).toEqual([]);
    expect(of('electron').filter((path) => !path.startsWith('electron/'))).toEqual([]);
  });

  it(`have at most ${MOST_LINES} lines, and names in kebab-case`, () => {
    expect(sources.filter((path) => read(path).split('\n').length > MOST_LINES)).toEqual([]);
    const stems = sources.map((path) => path.split('/').at(-1) ?? '');
    expect(stems.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(name))).toEqual([]);
  });

  it('are no barrels and no boxes of odds and ends', () => {
    expect(sources.filter((path) => /^export \* from/m.test(read(path)))).toEqual([]);
    expect(sources.filter((path) => /(^|\/)(utils?|helpers?|types|index|misc|common)\.tsx?$/.test(path))).toEqual([]);
  });
});

describe('dependencies', () => {
  const manifest: { dependencies: Record<string, string>; devDependencies: Record<string, string> } = JSON.parse(read('package.json'));
  const all = { ...manifest.dependencies, ...manifest.devDependencies };

  it('are pinned to one version each', () => {
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('are each explained in docs/dependencies.md, and nothing else is', () => {
    const told = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    expect(told.sort()).toEqual(Object.keys(all).sort());
  });
});
