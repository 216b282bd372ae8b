import { type FileHandle, open } from 'node:fs/promises';

/** How long what has been written may wait for others before all of it is sent through to the disk. */
const BATCH_MS = 25;

/** A journal that lines are added to. */
export interface JournalFile {
  readonly bytes: number;
  /** Resolves once the system has the lines: the death of this process can't take them back. Whole or not at all. */
  write(lines: string): Promise<void>;
  /** Resolves once everything written so far is on the disk. Many that ask within a moment are answered at once. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a journal of so many sound bytes; what comes after them is cut off. Rejects with the system's error, as its methods do. */
export async function openJournal(path: string, soundBytes: number): Promise<JournalFile> {
  const handle = await open(path, 'a', 0o600);
  await handle.truncate(soundBytes);
  let bytes = soundBytes;
  let batch: Promise<void> | undefined;
  return {
    get bytes() {
      return bytes;
    },
    async write(lines) {
      try {
        await handle.appendFile(lines);
      } catch (error) {
        // A line torn by a full disk would spoil the next one.
        await handle.truncate(bytes).catch(() => undefined);
        throw error;
      }
      bytes += Buffer.byteLength(lines);
    },
    sync() {
      batch ??= syncSoon(handle, () => {
        batch = undefined;
      });
      return batch;
    },
    async close() {
      await batch?.catch(() => undefined);
      await handle.close();
    },
  };
}

async function syncSoon(handle: FileHandle, onBegin: () => void): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, BATCH_MS));
  // What is written from here on belongs to the next batch.
  onBegin();
  await handle.datasync();
}
