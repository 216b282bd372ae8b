import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PEERS } from './measure/open-network.ts';

/* Makes bench/peers/.venv with torch, diffusers and OpenVINO: what the U-Net benchmark compares with. About 6 GB. */

const python = join(PEERS, '.venv/bin/python');
for (const [program, args] of [
  ['python3', ['-m', 'venv', join(PEERS, '.venv')]],
  [python, ['-m', 'pip', 'install', '-r', join(PEERS, 'requirements.txt')]],
] as const) {
  const { status } = spawnSync(program, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed; python3 with venv and a package index are needed.`);
}
