import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandPlace, openCommandPlace } from '../../test/e2e/spawn-command.ts';
import { readSafetensorsFile } from '../../test/fixtures-reader.ts';

let place: CommandPlace;
beforeAll(async () => {
  place = await openCommandPlace(fileURLToPath(new URL('../../bin/emulsion.mjs', import.meta.url)));
});
afterAll(() => place.close());

describe('the command as it is shipped', () => {
  it('draws a picture with the bundled model, and gives any value on the way', async () => {
    const args = ['run', 'text-to-image', '--set', 'positive.prompt=a red apple', '--set', 'sampler.steps=3', '--device', 'cpu'];
    const { code, stdout, stderr } = await place.run([...args, '--out', 'pictures', '--dump', 'sampler.latent=latent.safetensors']);
    expect(code).toBe(0);
    const [dump = '', picture = ''] = stdout.trimEnd().split('\n');
    expect([dump, picture].map((path) => path.slice(place.folder.length))).toEqual(['/latent.safetensors', '/pictures/picture.png']);
    expect(stderr).toMatch(/Sampler: step 1 of 3/);
    expect((await stat(picture)).size).toBeGreaterThan(1000);
    expect(readSafetensorsFile(join(place.folder, 'latent.safetensors')).get('latent')?.shape.slice(0, 2)).toEqual([1, 8]);
  });

  it('draws a picture again from the file it wrote, where that began with a picture of a template’s', async () => {
    const made = await place.run(['run', 'image-to-image', '--set', 'sampler.steps=2', '--device', 'cpu', '--out', 'made']);
    expect(made).toMatchObject({ code: 0 });
    const again = await place.run(['run', made.stdout.trim(), '--device', 'cpu', '--out', 'again']);
    expect({ code: again.code, stderr: again.stderr.match(/^error.*/m) }).toEqual({ code: 0, stderr: null });
    const [one, other] = await Promise.all([made, again].map(({ stdout }) => readFile(stdout.trim())));
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true);
  });

  it('finds its templates, nodes and model', async () => {
    const [templates, nodes, models, check] = await Promise.all([
      place.run(['templates']),
      place.run(['nodes']),
      place.run(['models']),
      place.run(['check', 'text-to-image']),
    ]);
    expect(templates.stdout).toMatch(/^text-to-image /m);
    expect(nodes.stdout).toMatch(/^ {2}sampling\.sampler /m);
    expect(models.stdout).toMatch(/^emoji .*bundled$/m);
    expect(check).toMatchObject({ code: 0, stdout: '' });
  });

  it('ends within a second of Ctrl-C in the middle of sampling', async () => {
    const args = ['run', 'text-to-image', '--set', 'sampler.steps=1000', '--set', 'latent.batch=8', '--no-cache', '--device', 'cpu'];
    const command = place.start([...args, '--out', 'cut']);
    await command.waitFor('stderr', /Sampler: step 1 of 1000/);
    command.pressCtrlC();
    const ended = await command.ended;
    expect(ended).toMatchObject({ code: 130, stdout: '', leftProcesses: false });
    expect(ended.tookMs).toBeLessThan(1000);
  });
});
