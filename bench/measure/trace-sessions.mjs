// Loaded into every process of a measured command (NODE_OPTIONS=--import). Writes a JSON line to EMULSION_BENCH_TRACE when a process
// starts, at each call into onnxruntime's binding, and when the process ends; times are milliseconds since the epoch.
import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';

const file = process.env.EMULSION_BENCH_TRACE;
const entry = basename(process.argv[1] ?? '');

if (file) {
  write({ kind: 'start', atMs: performance.timeOrigin });
  process.on('exit', () => write({ kind: 'exit', atMs: now(), peakKib: process.resourceUsage().maxRSS }));
  const open = process.dlopen;
  process.dlopen = (module, name, ...rest) => {
    const beganMs = now();
    open.call(process, module, name, ...rest);
    if (!String(name).includes('onnxruntime_binding')) return;
    write({ kind: 'loaded', atMs: beganMs, tookMs: now() - beganMs });
    // The binding's own methods can't be replaced, but the class that the wrapper takes can.
    module.exports.InferenceSession = class extends module.exports.InferenceSession {
      loadModel(...args) {
        return timed('loadModel', () => super.loadModel(...args));
      }
      run(...args) {
        return timed('run', () => super.run(...args), { inputs: Object.keys(args[0]) });
      }
    };
  };
}

function timed(kind, call, more = {}) {
  const rssBytes = process.memoryUsage.rss();
  const atMs = now();
  try {
    return call();
  } finally {
    write({ kind, atMs, tookMs: now() - atMs, rssBytes, ...more });
  }
}

function now() {
  return performance.timeOrigin + performance.now();
}

function write(line) {
  appendFileSync(file, `${JSON.stringify({ pid: process.pid, entry, ...line })}\n`);
}
