import { Eraser, Paintbrush, Redo2, Trash2, Undo2 } from 'lucide-react';
import { ToggleGroup } from 'radix-ui';
import { isColor } from '../../nodes/parse-color.ts';
import { ColorField } from '../controls/color-field.tsx';
import { drawTexts as texts } from '../texts/draw-texts.ts';
import type { Pen } from './draw-sheet.tsx';
import type { DrawingUse } from './paint.ts';

const COLORS: readonly (readonly [name: Exclude<keyof typeof texts.colors, 'name'>, color: string])[] = [
  ['black', '#000000'],
  ['grey', '#808080'],
  ['white', '#ffffff'],
  ['brown', '#7a4a21'],
  ['red', '#d92b2b'],
  ['orange', '#f28c1e'],
  ['yellow', '#ffd42a'],
  ['green', '#3a9b3f'],
  ['blue', '#2f6fd8'],
  ['purple', '#8b45b8'],
  ['pink', '#f29ab8'],
  ['skin', '#f3c9a0'],
];

/** What the pen is, and the steps back and forward. */
export function DrawTools({
  pen,
  use,
  mostPx,
  canUndo,
  canRedo,
  changePen,
  undo,
  redo,
  clear,
}: {
  readonly pen: Pen;
  readonly use: DrawingUse;
  readonly mostPx: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  changePen(more: Partial<Pen>): void;
  undo(): void;
  redo(): void;
  clear(): void;
}) {
  return (
    <>
      <ToggleGroup.Root
        className="toggle-group"
        type="single"
        value={pen.tool}
        aria-label={texts.tools.name}
        onValueChange={(tool) => {
          if (tool === 'brush' || tool === 'eraser') changePen({ tool });
        }}
      >
        <ToggleGroup.Item className="toggle" value="brush">
          <Paintbrush aria-hidden="true" />
          {texts.tools.brush}
        </ToggleGroup.Item>
        <ToggleGroup.Item className="toggle" value="eraser">
          <Eraser aria-hidden="true" />
          {texts.tools.eraser}
        </ToggleGroup.Item>
      </ToggleGroup.Root>
      {use === 'mask' ? null : (
        <>
          <fieldset className="draw-colors">
            <legend className="sr-only">{texts.colors.name}</legend>
            {COLORS.map(([name, color]) => (
              <button
                key={name}
                type="button"
                className="draw-color"
                style={{ backgroundColor: color }}
                aria-label={texts.colors[name]}
                title={texts.colors[name]}
                aria-pressed={pen.color === color}
                onClick={() => changePen({ color, tool: 'brush' })}
              />
            ))}
          </fieldset>
          <ColorField
            title={texts.color}
            doc={texts.color}
            value={pen.color}
            mayBeOpen={false}
            change={(color) => {
              if (color === null || !isColor(color)) return texts.noColor;
              changePen({ color, tool: 'brush' });
              return undefined;
            }}
            done={() => {}}
          />
        </>
      )}
      <Range title={texts.size} value={pen.widthPx} min={1} max={mostPx} unit="px" change={(widthPx) => changePen({ widthPx })} />
      <Range
        title={texts.opacity}
        value={Math.round(pen.opacity * 100)}
        min={5}
        max={100}
        unit="%"
        change={(percent) => changePen({ opacity: percent / 100 })}
      />
      <div className="draw-steps">
        <button type="button" className="button" title={texts.undo} disabled={!canUndo} onClick={undo}>
          <Undo2 aria-hidden="true" />
          {texts.undo}
        </button>
        <button type="button" className="button" title={texts.redo} disabled={!canRedo} onClick={redo}>
          <Redo2 aria-hidden="true" />
          {texts.redo}
        </button>
        <button type="button" className="button" title={texts.clear} onClick={clear}>
          <Trash2 aria-hidden="true" />
          {texts.clear}
        </button>
      </div>
    </>
  );
}

function Range({
  title,
  value,
  min,
  max,
  unit,
  change,
}: {
  readonly title: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  change(value: number): void;
}) {
  return (
    <label className="field is-range">
      <span className="label">{title}</span>
      <input type="range" min={min} max={max} value={value} onChange={(event) => change(event.target.valueAsNumber)} />
      <span className="figure" aria-hidden="true">
        {value} {unit}
      </span>
    </label>
  );
}
