import { expect } from 'vitest';
import type { EditorPage } from './drive-editor.ts';

/*
 * The main job: to build a graph that makes a picture, from nothing, and to run it. Each way does it with one means alone, on any page that
 * shows the editor.
 */
const NODES = ['Load Checkpoint', 'Text Encoder', 'Empty Latent', 'Sampler', 'VAE Decode', 'Preview'] as const;

type Title = (typeof NODES)[number];
/** From a node's output to a node's input, by what people read. */
const WIRES: readonly (readonly [from: Title, output: string, to: Title, input: string])[] = [
  ['Load Checkpoint', 'Text encoder', 'Text Encoder', 'Text encoder'],
  ['Load Checkpoint', 'Model', 'Empty Latent', 'Model'],
  ['Load Checkpoint', 'Model', 'Sampler', 'Model'],
  ['Text Encoder', 'Conditioning', 'Sampler', 'Positive'],
  ['Empty Latent', 'Latent', 'Sampler', 'Latent'],
  ['Load Checkpoint', 'VAE', 'VAE Decode', 'VAE'],
  ['Sampler', 'Latent', 'VAE Decode', 'Latent'],
  ['VAE Decode', 'Image', 'Preview', 'Image'],
];

/** Does it with keys alone, without looking at the canvas: the palette, the menu that adds nodes, and the outline. */
export async function doByKeyboard(editor: EditorPage): Promise<void> {
  const { page } = editor;
  const { keyboard } = page;
  await begin(editor, () => editor.command('New graph'));
  await editor.command('Show outline');
  const outline = page.getByRole('list', { name: 'Nodes' });
  const menu = page.getByRole('dialog', { name: 'Add node' });
  for (const title of NODES) {
    await keyboard.press('Shift+A');
    await menu.locator('input:focus').waitFor();
    await keyboard.type(title);
    await menu.getByRole('option', { selected: true }).filter({ hasText: title }).waitFor();
    await keyboard.press('Enter');
    await outline.getByRole('button', { name: new RegExp(`^${title}`) }).waitFor();
  }
  for (const [from, output, to, input] of WIRES) {
    const node = outline.getByRole('button', { name: new RegExp(`^${to}`) });
    await node.focus();
    if ((await node.getAttribute('aria-expanded')) !== 'true') await keyboard.press('Enter');
    const select = page.getByLabel(`Connect ${input} from`, { exact: true });
    const label = `${from} ${output}`;
    // What fits is known once the host has said what the node gives.
    await expect.poll(() => select.locator('option').allTextContents()).toContain(label);
    const at = (await select.locator('option').allTextContents()).indexOf(label);
    await select.focus();
    for (let press = 0; press < at; press++) await keyboard.press('ArrowDown');
    await page.getByRole('list', { name: 'Wires' }).getByText(`${label} → ${to} ${input}`).waitFor();
  }
  await keyboard.press('ControlOrMeta+Enter');
  await expectPicture(editor);
}

/** Does it with the mouse alone: nodes are pressed in their list, wires are dragged. */
export async function doByMouse(editor: EditorPage): Promise<void> {
  const { page } = editor;
  await begin(editor, () => editor.button('New graph').first().click());
  const list = page.getByRole('navigation', { name: 'Nodes' });
  const drawn = (title: string) => page.getByRole('group', { name: title, exact: true }).locator('.node');
  for (const title of NODES) {
    await list.getByRole('button', { name: title, exact: true }).click();
    await drawn(title).waitFor();
  }
  // Each stands beside the one before it; from farther away all are seen.
  await page.locator('.react-flow__pane').click({ button: 'right', position: { x: 8, y: 8 } });
  await page.getByRole('menuitem', { name: 'Fit' }).click();
  await drawn(NODES[0]).waitFor();
  const socket = (title: string, side: 'input' | 'output', row: string) =>
    drawn(title)
      .locator('.socket-row', { has: page.getByText(row, { exact: true }) })
      .locator(`.socket[data-side="${side}"]`);
  for (const [from, output, to, input] of WIRES) {
    const before = await page.locator('.react-flow__edge').count();
    await editor.dragWire(socket(from, 'output', output), socket(to, 'input', input));
    await expect.poll(() => page.locator('.react-flow__edge').count()).toBe(before + 1);
  }
  await editor.button('Run').click();
  await expectPicture(editor);
}

/** A wire that does not fit is refused with a sentence while it is dragged, and none is drawn. */
export async function expectRefusal(editor: EditorPage): Promise<void> {
  const before = await editor.page.locator('.react-flow__edge').count();
  const [from, to] = [editor.socket('checkpoint', 'output', 'vae'), editor.socket('sampler', 'input', 'model')];
  await editor.dragWire(from, to, { drop: false });
  await editor.page.getByText(/its input Model wants model, and gets VAE/).waitFor();
  await editor.page.mouse.up();
  expect(await editor.page.locator('.react-flow__edge').count()).toBe(before);
}

/** With an empty graph, in a tab of its own. */
async function begin({ page }: EditorPage, ask: () => Promise<void>): Promise<void> {
  const tabs = page.getByRole('tablist', { name: 'Open graphs' }).getByRole('tab');
  const before = await tabs.count();
  await ask();
  await expect.poll(() => tabs.count()).toBe(before + 1);
  await page.locator('.node').first().waitFor({ state: 'detached' });
}

async function expectPicture({ page, outcome }: EditorPage): Promise<void> {
  await outcome(/^Done in/).waitFor();
  const width = 'document.querySelector(\'.node img[src*="artifact/"]\')?.naturalWidth ?? 0';
  await expect.poll(() => page.evaluate<number>(width)).toBeGreaterThan(0);
}
