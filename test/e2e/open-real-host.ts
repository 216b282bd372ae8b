import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphDocument } from '../../graphs/document.ts';
import { createHost, type Host } from '../../host/create-host.ts';
import type { Device, MemoryMode } from '../../host/evaluator/protocol.ts';
import type { FilePolicy } from '../../host/file-access.ts';
import { readModelFacts } from '../../host/model-facts.ts';
import type { RunEnded, RunEvent } from '../../host/run-events.ts';
import { findModelsRoot } from '../../models/models-root.ts';
import { registry } from '../../nodes/registry.ts';
import { readSafetensorsFile } from '../fixtures-reader.ts';
import { buildTestEvaluator } from './open-test-host.ts';

/** What a run of a graph with real nodes gave. */
export interface RealRun {
  readonly ended: RunEnded;
  readonly events: readonly RunEvent[];
  /** The values asked for, float32, by `node.output`. */
  readonly values: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
}

/** A host with the shipped nodes over forked evaluators with onnxruntime, in a folder of its own. */
export interface RealHost {
  readonly host: Host;
  readonly folder: string;
  run(
    document: GraphDocument,
    wanted?: readonly string[],
    how?: { device?: Device; memory?: MemoryMode; useCache?: boolean },
  ): Promise<RealRun>;
  /** Runs a graph, keeping results, until an event fits, and cancels it then. */
  runUntil(document: GraphDocument, fits: (event: RunEvent) => boolean, events: RunEvent[]): Promise<RunEnded>;
  close(): Promise<void>;
}

/** Opens one; graphs may read what lies in `readFolders`. */
export async function openRealHost(readFolders: readonly string[]): Promise<RealHost> {
  const folder = await mkdtemp(join(tmpdir(), 'emulsion-real-'));
  const packsRoot = join(findModelsRoot(), 'packs');
  const host = createHost({
    registry,
    evaluatorEntry: await buildTestEvaluator('host/evaluator/main.ts'),
    evaluatorArgv: [],
    packsRoot,
    cacheFolder: null,
    diskCacheBytes: 0,
    memoryCacheBytes: 1e8,
    readModelFacts,
  });
  const policy: FilePolicy = { baseFolders: [folder, ...readFolders], readFolders: [], modelFolders: [], packsRoot, trusted: [] };
  let count = 0;
  return {
    host,
    folder,
    async run(document, wanted = [], { device = 'cpu', memory = 'auto', useCache = false } = {}) {
      const events: RunEvent[] = [];
      const dumps = wanted.map((place) => {
        const dot = place.lastIndexOf('.');
        return { node: place.slice(0, dot), output: place.slice(dot + 1), path: join(folder, `value-${count++}.safetensors`) };
      });
      const request = { document, policy, outFolder: join(folder, 'out'), device, memory, useCache, previews: false, dumps };
      const ended = await host.run(request, (event) => events.push(event)).ended;
      const values = new Map<string, { shape: readonly number[]; data: Float32Array }>();
      for (const { node, output, path } of ended.outcome === 'done' ? dumps : []) {
        const found = readSafetensorsFile(path).get(output);
        if (!(found?.data instanceof Float32Array)) throw new Error(`${path} holds no float32 tensor ${output}`);
        values.set(`${node}.${output}`, { shape: found.shape, data: found.data });
      }
      return { ended, events, values };
    },
    async runUntil(document, fits, events) {
      const request = {
        document,
        policy,
        outFolder: join(folder, 'out'),
        device: 'cpu',
        memory: 'auto',
        useCache: true,
        previews: false,
      } as const;
      const run = host.run(request, (event) => {
        events.push(event);
        if (fits(event)) run.cancel();
      });
      return run.ended;
    },
    async close() {
      await host.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
