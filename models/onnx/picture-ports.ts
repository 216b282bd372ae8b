import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { ElementType } from './element-type.ts';
import type { OnnxFile, OnnxPort } from './onnx-file.ts';

/** How a picture lies in a tensor: channels before rows, after them, or rows alone. */
export type PictureLayout = 'channelsFirst' | 'channelsLast' | 'rows';

/** An input or output that holds a picture. */
export interface PicturePort {
  readonly name: string;
  readonly type: ElementType;
  /** Axes: with a batch in front, or without. */
  readonly rank: number;
  readonly layout: PictureLayout;
  /** Undefined: known only when it runs. */
  readonly channels: number | undefined;
  readonly widthPx: number | undefined;
  readonly heightPx: number | undefined;
  /** Names that the file gives to open sizes; equal names are equal sizes. */
  readonly widthName: string | undefined;
  readonly heightName: string | undefined;
}

/** The picture that a network takes and the one that it gives. */
export interface PicturePorts {
  readonly input: PicturePort;
  readonly output: PicturePort;
}

/** Channels that pictures have. */
const CHANNELS: readonly unknown[] = [1, 3, 4];

/** Finds a network's picture in and picture out; `output` names the latter where there are several. What takes more is refused. */
export function findPicturePorts(file: OnnxFile, output: string | null): Result<PicturePorts> {
  const [first, ...others] = file.inputs;
  const input = first === undefined || others.length > 0 ? undefined : pictureOf(first);
  if (input === undefined) {
    return fail(
      'model.unsupported',
      `${file.path} takes ${describePorts(file.inputs)}; a network that takes one picture and nothing else is wanted here. Choose another one, or export it so.`,
    );
  }
  const wanted = output === null ? file.outputs : file.outputs.filter(({ name }) => name === output);
  if (output !== null && wanted.length === 0) {
    return fail(
      'graph.invalidParam',
      `${file.path} has no output ${output}; it gives ${describePorts(file.outputs)}. Choose one of these.`,
      {
        socket: 'output',
      },
    );
  }
  for (const port of wanted) {
    const found = pictureOf(port);
    if (found !== undefined) return ok({ input, output: found });
  }
  return fail('model.unsupported', `${file.path} gives ${describePorts(wanted)}, which is no picture. Choose a network that gives one.`);
}

function pictureOf({ name, type, shape }: OnnxPort): PicturePort | undefined {
  if (type === undefined || shape === undefined || shape.length < 2 || shape.length > 4) return undefined;
  // Of three axes the first is a batch unless it can only be channels.
  const [first, , last] = shape.length === 3 ? shape : shape.slice(-3);
  let layout: PictureLayout = 'channelsFirst';
  if (shape.length === 2) layout = 'rows';
  else if (!CHANNELS.includes(first) && CHANNELS.includes(last)) layout = 'channelsLast';
  else if (shape.length === 3 && first !== 3 && first !== 4) layout = 'rows';
  else if (typeof first === 'number' && !CHANNELS.includes(first)) return undefined;
  const plane = layout === 'channelsLast' ? shape.slice(-3, -1) : shape.slice(-2);
  const channels = layout === 'rows' ? 1 : layout === 'channelsLast' ? last : first;
  const [height, width] = plane;
  const fixed = (size: number | string | null | undefined): number | undefined => (typeof size === 'number' ? size : undefined);
  const named = (size: number | string | null | undefined): string | undefined => (typeof size === 'string' ? size : undefined);
  return {
    name,
    type,
    rank: shape.length,
    layout,
    channels: fixed(channels),
    widthPx: fixed(width),
    heightPx: fixed(height),
    widthName: named(width),
    heightName: named(height),
  };
}

function describePorts(ports: readonly OnnxPort[]): string {
  const one = ({ name, type, shape }: OnnxPort): string =>
    `${name} (${shape === undefined ? 'any shape' : shape.map((size) => size ?? '?').join('×') || 'one number'}, ${type ?? 'no tensor'})`;
  const shown = ports.slice(0, 6).map(one).join(', ');
  return ports.length === 0 ? 'nothing' : ports.length > 6 ? `${shown}, …` : shown;
}
