/** What the isolated world of a page is told before it runs. */
export interface PageSettings {
  /** Number of the page's webContents. */
  readonly contents: number;
  /** Keeps other pages away from the rig's server. */
  readonly secret: string;
  readonly platform: string;
}

/** A key that the page did not want. */
export interface UnwantedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** From a page's isolated world to the main process. */
export type FromPage =
  | { readonly kind: 'send'; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly kind: 'invoke'; readonly id: number; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly kind: 'port'; readonly id: string; readonly data: unknown }
  | { readonly kind: 'portClosed'; readonly id: string }
  | { readonly kind: 'open'; readonly url: string }
  | { readonly kind: 'key'; readonly key: UnwantedKey }
  | { readonly kind: 'preloadError'; readonly message: string };

/** From the main process to a page's isolated world. */
export type FromMain =
  | { readonly kind: 'send'; readonly channel: string; readonly args: readonly unknown[]; readonly ports: readonly string[] }
  | { readonly kind: 'result'; readonly id: number; readonly value?: unknown; readonly error?: string }
  | { readonly kind: 'port'; readonly id: string; readonly data: unknown }
  | { readonly kind: 'portClosed'; readonly id: string };
