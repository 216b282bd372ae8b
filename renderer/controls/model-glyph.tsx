/** What a model without a picture shows in its place: its family in two letters, in a colour of its own. */
export function ModelGlyph({ family, label }: { readonly family: string | undefined; readonly label: string }) {
  return (
    <span className="model-glyph" data-family={family ?? 'unknown'}>
      {MARKS[family ?? ''] ?? label.replace(/[^\p{L}\p{N}]/gu, '').slice(0, 2)}
    </span>
  );
}

const MARKS: Readonly<Record<string, string>> = { sd15: '1.5', sd2: '2', sdxl: 'XL', 'sdxl-refiner': 'XL' };
