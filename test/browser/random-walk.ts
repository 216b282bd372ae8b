import type { EditorPage } from './drive-editor.ts';

/** Numbers from 0 up to 1, the same ones for a seed. */
export function seededNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** What of the canvas can be pressed where it is. */
interface Sight {
  readonly titles: readonly Spot[];
  readonly outputs: readonly Spot[];
  readonly inputs: readonly Spot[];
  readonly fields: readonly Spot[];
  readonly notes: readonly Spot[];
  readonly frames: readonly Spot[];
  readonly wires: readonly Spot[];
  readonly step: string;
  /** Nodes that are drawn, whether they can be pressed or not. */
  readonly count: number;
}

/** Runs in the page: middles of what is on the canvas and covered by nothing, once the view is still. */
const LOOK = `(async () => {
  const places = () => [...document.querySelectorAll('.react-flow__viewport, .react-flow__node')].map(({ style }) => style.transform).join();
  for (let still = 0, last = ''; still < 3; ) {
    await new Promise(requestAnimationFrame);
    const now = places();
    still = now === last ? still + 1 : 0;
    last = now;
  }
  const canvas = document.querySelector('.canvas').getBoundingClientRect();
  const isFree = (element, { x, y }) => {
    if (x < canvas.left + 4 || x > canvas.right - 4 || y < canvas.top + 4 || y > canvas.bottom - 4) return false;
    const top = document.elementFromPoint(x, y);
    return top !== null && (element === top || element.contains(top));
  };
  const spots = (selector) => [...document.querySelectorAll(selector)].flatMap((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const spot = { x: left + width / 2, y: top + height / 2 };
    return isFree(element, spot) ? [spot] : [];
  });
  return {
    titles: spots('.node-title'),
    outputs: spots('.socket[data-side="output"]'),
    inputs: spots('.socket[data-side="input"]'),
    fields: spots('.node input[type="text"], .node textarea'),
    notes: spots('.note'),
    frames: spots('.frame-title'),
    wires: [...document.querySelectorAll('.react-flow__edge-interaction')].flatMap((path) => {
      const middle = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
      return isFree(path, middle) ? [{ x: middle.x, y: middle.y }] : [];
    }),
    count: document.querySelectorAll('.node').length,
    step: document.querySelector('button[aria-label="Undo"]').title,
  };
})()`;

const IS_TYPING = "(document.activeElement?.matches('input, textarea, select') ?? false)";

const ADDED = ['Resize', 'Image Grid', 'Text Encoder', 'Number', 'Blend', 'Crop', 'VAE Encode', 'Empty Latent', 'Reroute'];
const MOST_NODES = 11;

/**
 * Does `count` things that a person may do to a graph, chosen by chance; each is one step of the history, or none. Gives the
 * first words of the steps it has seen.
 */
export async function walkAtRandom(editor: EditorPage, count: number, seed: number): Promise<ReadonlySet<string>> {
  const { page } = editor;
  const { mouse, keyboard } = page;
  const random = seededNumbers(seed);
  const among = <T>(those: readonly T[]): T | undefined => those[Math.floor(random() * those.length)];
  const somewhere = (): Spot => ({ x: 60 + random() * 680, y: 130 + random() * 340 });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const word = (): string => Math.floor(random() * 1e6).toString(36);
  const steps = new Set<string>();

  const click = ({ x, y }: Spot): Promise<void> => mouse.click(x, y);
  const drag = async (from: Spot, to: Spot): Promise<void> => {
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 2 });
    await mouse.move(to.x, to.y, { steps: 2 });
    await mouse.up();
  };
  /** What is done after a moment is done before the next thing begins. */
  const untilStep = (name: string): Promise<unknown> => page.locator(`button[aria-label="Undo"][title^="Undo: ${name}"]`).waitFor();
  const withNode =
    (act: (sight: Sight) => Promise<unknown>) =>
    async (sight: Sight): Promise<void> => {
      const title = among(sight.titles);
      if (title === undefined) return;
      await click(title);
      if (!(await page.evaluate(IS_TYPING))) await act(sight);
    };
  const remove = withNode(() => keyboard.press('Delete'));

  const actions: readonly ((sight: Sight) => Promise<unknown>)[] = [
    async () => {
      const { x, y } = somewhere();
      await mouse.move(x, y);
      await keyboard.press('Shift+A');
      await page
        .getByRole('dialog', { name: 'Add node' })
        .getByRole('combobox')
        .fill(among(ADDED) ?? '');
      await keyboard.press('Enter');
    },
    async ({ outputs, inputs, step }) => {
      // Most pairs do not fit, and nothing comes of them.
      for (let tries = 0; tries < 6; tries++) {
        const [from, to] = [among(outputs), among(inputs)];
        if (from !== undefined && to !== undefined) await drag(from, to);
        if ((await page.locator('button[aria-label="Undo"]').getAttribute('title')) !== step) return;
      }
    },
    async ({ inputs, outputs }) => {
      const from = among([...inputs, ...outputs]);
      if (from === undefined) return;
      await drag(from, somewhere());
      // Let go over nothing, a list of what fits comes up; or the wire is off.
      if (await page.getByPlaceholder('Search nodes that fit this wire').isVisible()) await keyboard.press('Enter');
    },
    async ({ titles }) => {
      const title = among(titles);
      if (title !== undefined) await drag(title, somewhere());
    },
    withNode(() => keyboard.press(among(['ArrowLeft', 'ArrowUp', 'Shift+ArrowRight', 'ArrowDown']) ?? '')),
    async ({ fields }) => {
      const field = among(fields);
      if (field === undefined) return;
      await click(field);
      await keyboard.press('ControlOrMeta+A');
      await keyboard.type(String(1 + Math.floor(random() * 63)));
      await keyboard.press('Tab');
    },
    withNode(async () => {
      await keyboard.press('F2');
      await keyboard.type(word());
      await keyboard.press('Enter');
    }),
    withNode(() => keyboard.press('ControlOrMeta+G')),
    () => keyboard.press('Shift+N'),
    async ({ notes }) => {
      const note = among(notes);
      if (note === undefined) return;
      await mouse.dblclick(note.x, note.y);
      await keyboard.type(`*${word()}*`);
      await keyboard.press('Escape');
    },
    async ({ frames }) => {
      const frame = among(frames);
      if (frame === undefined) return;
      await click(frame);
      await keyboard.type(word());
      await keyboard.press('Enter');
    },
    withNode(() => keyboard.press('ControlOrMeta+D')),
    remove,
    async ({ notes, frames }) => {
      const item = among([...notes, ...frames.map(({ x, y }) => ({ x, y: y + 40 }))]);
      if (item === undefined) return;
      await click(item);
      await keyboard.press('Delete');
    },
    withNode(() => keyboard.press('ControlOrMeta+B')),
    withNode(() => keyboard.press('ControlOrMeta+M')),
    withNode(() => keyboard.press('h')),
    withNode(async ({ step }) => {
      if (step.startsWith('Undo: Paste')) return;
      await keyboard.press('ControlOrMeta+C');
      await keyboard.press('ControlOrMeta+V');
      await untilStep('Paste');
    }),
    withNode(async ({ count }) => {
      if (count < 2) return;
      await keyboard.press('ControlOrMeta+A');
      await editor.command(among(['Align left edges', 'Align middles', 'Distribute across']) ?? '');
    }),
    async ({ wires }) => {
      const wire = among(wires);
      if (wire === undefined) return;
      await click(wire);
      await keyboard.press('Delete');
    },
    async () => {
      await keyboard.press('ControlOrMeta+Z');
      if (random() < 0.5) await keyboard.press('ControlOrMeta+Shift+Z');
    },
  ];

  // Dealt like cards, so that chance leaves none of them out.
  let deck: typeof actions = [];
  const deal = (): (typeof actions)[number] => {
    if (deck.length === 0) deck = actions;
    const dealt = among(deck) ?? remove;
    deck = deck.filter((action) => action !== dealt);
    return dealt;
  };

  for (let done = 0; done < count; done++) {
    await page.evaluate(`${IS_TYPING} && document.activeElement.blur()`);
    await keyboard.press('Escape');
    if (done % 6 === 0) await keyboard.press('f');
    const sight = await page.evaluate<Sight>(LOOK);
    steps.add(/^Undo: ((?:Add |Change )?\w+)/.exec(sight.step)?.[1] ?? '');
    await (sight.count > MOST_NODES ? remove : deal())(sight);
  }
  return steps;
}
