import { FolderOpen, Paintbrush } from 'lucide-react';
import { useId, useState } from 'react';
import type { PickKind } from '../../host/shell/shell-contract.ts';
import { choosePath } from '../documents/choose-path.ts';
import { documentTexts } from '../texts/document-texts.ts';
import { texts } from '../texts.ts';
import { Thumbnail, useThumbnail } from '../thumbnail.tsx';
import { useEditor } from '../use-editor.ts';
import { ModelGlyph } from './model-glyph.tsx';

/** A path, typed or chosen. What can't stand there yet is kept in the field until it is left. */
export function PathField({
  title,
  doc,
  value,
  kind,
  mayBeOpen,
  change,
  done,
  draw,
  isRoomy,
}: {
  readonly title: string;
  readonly doc: string;
  readonly value: string;
  readonly kind: PickKind;
  /** Empty means "left open" and is a value. */
  readonly mayBeOpen: boolean;
  /** There is room for a picture of the file. */
  readonly isRoomy: boolean;
  change(value: string | null): string | undefined;
  done(): void;
  /** A way to draw what lies there. */
  readonly draw?: { readonly label: string; open(): void } | undefined;
}) {
  const id = useId();
  const editor = useEditor();
  const [typed, setTyped] = useState<string>();
  const [refusal, setRefusal] = useState<string>();
  const choose = documentTexts.picker.titles[kind];
  const browse = async (): Promise<void> => {
    const path = await choosePath(editor, { kind });
    if (path === undefined) return;
    const refused = change(path);
    done();
    if (refused !== undefined) editor.notices.tell(refused, 'trouble');
  };
  const field = (
    <div className="field is-path" title={refusal ?? (value || doc)}>
      <label htmlFor={id}>{title}</label>
      {kind === 'folder' || value === '' ? null : (
        <Thumbnail of={{ kind: kind === 'model' ? 'model' : 'picture', file: value }}>
          {kind === 'model' ? <ModelGlyph family={undefined} label={value} /> : null}
        </Thumbnail>
      )}
      <input
        id={id}
        data-kept=""
        type="text"
        autoComplete="off"
        spellCheck={false}
        placeholder={mayBeOpen ? texts.controls.open : texts.controls.path}
        aria-invalid={refusal !== undefined}
        value={typed ?? value}
        onChange={(event) => {
          setTyped(event.target.value);
          setRefusal(change(event.target.value === '' && mayBeOpen ? null : event.target.value));
        }}
        onBlur={() => {
          setTyped(undefined);
          setRefusal(undefined);
          done();
        }}
      />
      {draw === undefined ? null : (
        <button type="button" className="icon-button is-small" aria-label={draw.label} title={draw.label} onClick={() => draw.open()}>
          <Paintbrush aria-hidden="true" />
        </button>
      )}
      <button type="button" className="icon-button is-small" aria-label={choose} title={choose} onClick={() => void browse()}>
        <FolderOpen aria-hidden="true" />
      </button>
    </div>
  );
  if (!isRoomy || kind !== 'picture' || value === '') return field;
  return (
    <>
      {field}
      <FilePicture file={value} />
    </>
  );
}

/** A picture file as large as the room is. */
function FilePicture({ file }: { readonly file: string }) {
  const picture = useThumbnail({ kind: 'picture', file });
  if (picture === undefined) return null;
  return <img className="file-picture" src={picture.url} alt={file} width={picture.widthPx} height={picture.heightPx} draggable={false} />;
}
