const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A text as it may stand in a page, between tags or inside a quoted attribute. Control characters are left out. */
export function escapeHtml(text: string): string {
  // Newline and tab are kept.
  return text.replace(/(?![\n\t])\p{Cc}/gu, '').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** A text cut to so many characters, no character cut apart. */
export function cut(text: string, most: number): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  const characters = [...flat.slice(0, most * 2)];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('');
}
