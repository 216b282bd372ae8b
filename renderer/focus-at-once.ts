/** A ref for a field that appears because a person has just asked to type there. */
export function focusAtOnce(field: HTMLInputElement | HTMLTextAreaElement | null): void {
  field?.focus();
}
