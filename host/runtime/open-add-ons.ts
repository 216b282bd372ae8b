import { checkFinite } from '../../models/check-finite.ts';
import { type EmbeddingFile, openEmbedding } from '../../models/embeddings/open-embedding.ts';
import { type IpAdapterFile, openIpAdapter } from '../../models/ip-adapter/open-ip-adapter.ts';
import { type LoraFile, openLora } from '../../models/lora/open-lora.ts';
import type { SafetensorsFile } from '../../models/safetensors.ts';
import type { Result } from '../../nodes/problem.ts';
import { createFileStore, type FileStore } from './file-store.ts';

/** LoRAs, embeddings and IP-Adapters that are in use; every value in them is known to be a number. */
export interface AddOnFiles {
  readonly loras: FileStore<LoraFile>;
  readonly embeddings: FileStore<EmbeddingFile>;
  readonly ipAdapters: FileStore<IpAdapterFile>;
}

/** Stores with nothing open. */
export function createAddOnFiles(): AddOnFiles {
  // A file is read through once for each of its states.
  const checked = new Set<string>();
  const checkOnce = async <T extends { readonly file: SafetensorsFile }>(opened: Result<T>): Promise<Result<T>> => {
    if (!opened.ok || checked.has(opened.value.file.fingerprint)) return opened;
    const found = await checkFinite(opened.value.file);
    if (!found.ok) return found;
    checked.add(opened.value.file.fingerprint);
    return opened;
  };
  return {
    loras: createFileStore(async (path) => checkOnce(await openLora(path))),
    embeddings: createFileStore(async (path) => checkOnce(await openEmbedding(path))),
    ipAdapters: createFileStore(async (path) => checkOnce(await openIpAdapter(path))),
  };
}
