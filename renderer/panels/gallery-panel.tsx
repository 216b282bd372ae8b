import { openText } from '../documents/open-graph.ts';
import { texts } from '../texts.ts';
import { useEditor, usePart } from '../use-editor.ts';

/** The pictures of this window's runs, newest first. */
export function GalleryPanel() {
  const editor = useEditor();
  const runs = usePart(editor.runs.state, (state) => state.runs);
  const pictures = runs.flatMap((run) => run.results.map((picture) => ({ run, picture })));
  if (pictures.length === 0) return <p className="empty">{texts.gallery.empty}</p>;
  return (
    <ul className="panel-scroll gallery" aria-label={texts.tabs.gallery}>
      {pictures.map(({ run, picture }) => (
        <li key={picture.id}>
          <img
            src={picture.url}
            alt={texts.gallery.picture(picture.name)}
            width={picture.widthPx}
            height={picture.heightPx}
            data-small={picture.widthPx <= 128 ? '' : undefined}
          />
          <div className="gallery-bar">
            <span className="hint figure">
              {picture.widthPx}×{picture.heightPx}
            </span>
            <button type="button" className="link" onClick={() => openText(editor, run.graph, run.name)}>
              {texts.gallery.openGraph}
            </button>
            <a className="link" href={picture.url} download={picture.name}>
              {texts.actions.save}
            </a>
          </div>
        </li>
      ))}
    </ul>
  );
}
