import { useEffect, useState } from 'react';
import type { CallResult } from '../../host/contract.ts';
import { useEditor } from '../use-editor.ts';

type Template = CallResult<'templates.list'>['templates'][number];

/** A template as a picture with its name; opens a copy of it. */
export function TemplateCard({ template: { name, title, description, thumbnail } }: { readonly template: Template }) {
  const { workspace } = useEditor();
  const url = usePictureUrl(thumbnail);
  return (
    <li>
      <button type="button" className="template-card" onClick={() => void workspace.open({ kind: 'template', name })}>
        {url === undefined ? <span className="template-picture" /> : <img className="template-picture" src={url} alt="" />}
        <span className="template-title">{title}</span>
        <span className="template-about">{description}</span>
      </button>
    </li>
  );
}

function usePictureUrl(bytes: Uint8Array | null): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (bytes === null) return;
    // A copy: what arrived is a view on a larger frame.
    const made = URL.createObjectURL(new Blob([bytes.slice()], { type: 'image/webp' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes]);
  return url;
}
