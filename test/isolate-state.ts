import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

// Each test file, and every process it starts, keeps queue, gallery, recovery copies and results in a folder of its own.
const folder = mkdtempSync(join(tmpdir(), 'emulsion-test-'));
process.env['EMULSION_STATE_DIR'] = join(folder, 'state');
process.env['EMULSION_CACHE_DIR'] = join(folder, 'cache');
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
