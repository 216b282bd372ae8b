import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** What decides how fast matrix products are. */
const FLAGS = [
  'avx2',
  'fma',
  'f16c',
  'avx512f',
  'avx512_vnni',
  'avx512_bf16',
  'avx512_fp16',
  'avx_vnni',
  'amx_tile',
  'amx_bf16',
  'asimddp',
  'bf16',
];

const LOOK_MS = 1000;
const BUSY_SHARE = 0.05;

/** Says what the figures below were measured on: processor, its flags, memory, load, and who else is busy. */
export async function printMachine(): Promise<void> {
  const [first] = cpus();
  const info = readText('/proc/cpuinfo');
  const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(info)?.[1]?.trim().split(' ') ?? []);
  const family = ['cpu family', 'model', 'stepping']
    .map((key) => new RegExp(`^${key}\\s*:\\s*(.+)$`, 'm').exec(info)?.[1] ?? '?')
    .join('/');
  console.log(
    `date     ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, Node ${process.version}, ${process.platform} ${process.arch}`,
  );
  console.log(
    `CPU      ${cpus().length} × ${first?.model ?? 'unknown'} (family/model/stepping ${family}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
  );
  console.log(`flags    ${FLAGS.map((flag) => (flags.has(flag) ? flag : `no ${flag}`)).join(', ')}`);
  await printLoad();
}

/** Says how loaded the machine is, and by whom beside this process. */
export async function printLoad(): Promise<void> {
  const pressure = /avg10=([\d.]+)/.exec(readText('/proc/pressure/cpu'))?.[1];
  const busy = await findBusy();
  console.log(
    `load     ${loadavg()
      .map((one) => one.toFixed(2))
      .join(
        ' ',
      )}${pressure === undefined ? '' : `, CPU pressure ${pressure} %`}; other busy processes: ${busy.length === 0 ? 'none' : busy.join(', ')}`,
  );
}

/** Processes that used the processor while this one waited for a second. */
async function findBusy(): Promise<string[]> {
  const before = readTicks();
  const beganMs = performance.now();
  await delay(LOOK_MS);
  const seconds = (performance.now() - beganMs) / 1000;
  const found: { name: string; share: number }[] = [];
  for (const [id, { name, ticks }] of readTicks()) {
    const share = (ticks - (before.get(id)?.ticks ?? ticks)) / 100 / seconds;
    if (id !== process.pid && share >= BUSY_SHARE) found.push({ name, share });
  }
  return found
    .sort((a, b) => b.share - a.share)
    .slice(0, 8)
    .map(({ name, share }) => `${name} ${Math.round(share * 100)} %`);
}

/** Processor time of every process in hundredths of a second; empty where there is no /proc. */
function readTicks(): Map<number, { readonly name: string; readonly ticks: number }> {
  const found = new Map<number, { name: string; ticks: number }>();
  for (const entry of listProcesses()) {
    const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(readText(`/proc/${entry}/stat`)) ?? [];
    const fields = rest.split(' ');
    if (fields.length > 12) found.set(Number(entry), { name, ticks: Number(fields[11]) + Number(fields[12]) });
  }
  return found;
}

function listProcesses(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
