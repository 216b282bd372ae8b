import { useState } from 'react';
import { isColor } from '../../nodes/parse-color.ts';
import { ColorField } from '../controls/color-field.tsx';
import { drawTexts as texts } from '../texts/draw-texts.ts';
import type { Sheet } from './drawing.ts';
import type { DrawingUse } from './paint.ts';

const LONGEST_SIDE_PX = 4096;
/** What can be read back as it was. */
const MOST_PIXELS = 2 ** 23;

/** What to begin with: the file as it is, or an empty sheet of a chosen size and colour. */
export function NewSheet({
  use,
  present,
  sheet,
  begin,
}: {
  readonly use: DrawingUse;
  readonly present: Sheet | null;
  /** The one that is drawn on. */
  readonly sheet: Sheet;
  begin(sheet: Sheet): void;
}) {
  const [widthPx, setWidth] = useState(sheet.widthPx);
  const [heightPx, setHeight] = useState(sheet.heightPx);
  const [color, setColor] = useState('#ffffff');
  const isPossible = [widthPx, heightPx].every(isSide) && widthPx * heightPx <= MOST_PIXELS;
  return (
    <fieldset className="draw-start">
      <legend>{texts.start.name}</legend>
      {present === null ? null : (
        <button type="button" className="button" onClick={() => begin(present)}>
          {texts.start.present[use]}
        </button>
      )}
      <div className="draw-sides">
        <Side title={texts.start.width} value={widthPx} change={setWidth} />
        <Side title={texts.start.height} value={heightPx} change={setHeight} />
      </div>
      {use === 'mask' ? null : (
        <ColorField
          title={texts.start.color}
          doc={texts.start.color}
          value={color}
          mayBeOpen={false}
          change={(next) => {
            if (next === null || !isColor(next)) return texts.noColor;
            setColor(next);
            return undefined;
          }}
          done={() => {}}
        />
      )}
      <button
        type="button"
        className="button"
        disabled={!isPossible}
        onClick={() => begin({ kind: 'sheet', widthPx, heightPx, color, picture: null })}
      >
        {texts.start.empty[use]}
      </button>
    </fieldset>
  );
}

function Side({ title, value, change }: { readonly title: string; readonly value: number; change(value: number): void }) {
  return (
    <label className="field">
      <span className="label">{title}</span>
      <input
        type="number"
        min={1}
        max={LONGEST_SIDE_PX}
        aria-invalid={!isSide(value)}
        value={Number.isNaN(value) ? '' : value}
        onChange={(event) => change(event.target.valueAsNumber)}
      />
    </label>
  );
}

function isSide(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= LONGEST_SIDE_PX;
}
