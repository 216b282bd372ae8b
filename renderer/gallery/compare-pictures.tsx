import { X } from 'lucide-react';
import { Dialog, ToggleGroup } from 'radix-ui';
import { type CSSProperties, useState } from 'react';
import { galleryTexts as texts } from '../texts/gallery-texts.ts';
import { usePart } from '../use-editor.ts';
import type { GalleryPicture, GalleryStore } from './gallery-store.ts';
import { urlOf } from './picture-actions.ts';

/** Two pictures against each other: one over the other with a divider, or side by side. */
export function ComparePictures({ gallery }: { readonly gallery: GalleryStore }) {
  const { pictures, chosen, isComparing } = usePart(gallery.state, (state) => state);
  const [left, right] = chosen.map((id) => pictures.find((picture) => picture.id === id));
  const [mode, setMode] = useState<'slider' | 'sideBySide'>('slider');
  return (
    <Dialog.Root open={isComparing && left !== undefined && right !== undefined} onOpenChange={gallery.compare}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-shade" />
        <Dialog.Content className="dialog picture-dialog" aria-describedby={undefined}>
          <header className="dialog-head">
            <Dialog.Title className="dialog-title">{texts.compare}</Dialog.Title>
            <ToggleGroup.Root
              className="toggle-group"
              type="single"
              value={mode}
              aria-label={texts.compare}
              onValueChange={(value) => {
                if (value === 'slider' || value === 'sideBySide') setMode(value);
              }}
            >
              <ToggleGroup.Item className="toggle" value="slider">
                {texts.slider}
              </ToggleGroup.Item>
              <ToggleGroup.Item className="toggle" value="sideBySide">
                {texts.sideBySide}
              </ToggleGroup.Item>
            </ToggleGroup.Root>
            <Dialog.Close className="icon-button" aria-label={texts.close} title={texts.close}>
              <X size={16} />
            </Dialog.Close>
          </header>
          {left !== undefined &&
            right !== undefined &&
            (mode === 'slider' ? <Slider left={left} right={right} /> : <Beside left={left} right={right} />)}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface Pair {
  readonly left: GalleryPicture;
  readonly right: GalleryPicture;
}

function Slider({ left, right }: Pair) {
  const [percent, setPercent] = useState(50);
  const place: CSSProperties & Record<'--divider', string> = { '--divider': `${percent}%` };
  return (
    <div className="compare-slider" style={place}>
      <img src={urlOf(left)} alt={`${texts.left}: ${left.artifact.name}`} />
      <img className="compare-over" src={urlOf(right)} alt={`${texts.right}: ${right.artifact.name}`} />
      <span className="compare-divider" aria-hidden />
      <input
        type="range"
        min={0}
        max={100}
        value={percent}
        aria-label={texts.divider}
        onChange={(event) => setPercent(event.target.valueAsNumber)}
      />
    </div>
  );
}

function Beside({ left, right }: Pair) {
  return (
    <div className="compare-beside">
      {[left, right].map((picture, at) => (
        <figure key={picture.id}>
          <img src={urlOf(picture)} alt={`${at === 0 ? texts.left : texts.right}: ${picture.artifact.name}`} />
          <figcaption>{picture.artifact.name}</figcaption>
        </figure>
      ))}
    </div>
  );
}
