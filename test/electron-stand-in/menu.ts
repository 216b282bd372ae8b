import type { UnwantedKey } from './page-protocol.ts';

/** What a menu template holds, as far as it is modelled. */
export interface ItemOptions {
  readonly id?: string;
  readonly label?: string;
  readonly role?: string;
  readonly type?: string;
  readonly enabled?: boolean;
  readonly accelerator?: string;
  readonly registerAccelerator?: boolean;
  readonly submenu?: readonly ItemOptions[] | Menu;
  click?(item: MenuItem, window: unknown, event: { readonly triggeredByAccelerator?: boolean }): void;
}

const ROLE_KEYS: Readonly<Record<string, string>> = { quit: 'CmdOrCtrl+Q', close: 'CmdOrCtrl+W', reload: 'CmdOrCtrl+R' };

/** What roles do here; the others do nothing. */
export type RoleActions = (role: string, window: unknown) => void;

/** One item. */
export class MenuItem {
  readonly id: string | undefined;
  readonly label: string;
  readonly role: string | undefined;
  readonly type: string;
  readonly enabled: boolean;
  readonly accelerator: string | undefined;
  readonly submenu: Menu | undefined;
  readonly #click: () => ItemOptions['click'];

  constructor(options: ItemOptions) {
    if (options.label === undefined && options.role === undefined && options.type !== 'separator') {
      throw new Error('Invalid template for MenuItem: must have at least one of label, role or type');
    }
    const { submenu, role } = options;
    this.id = options.id;
    this.label = options.label ?? role ?? '';
    this.role = role;
    this.type = options.type ?? (submenu === undefined ? 'normal' : 'submenu');
    this.enabled = options.enabled ?? true;
    this.accelerator = options.registerAccelerator === false ? undefined : (options.accelerator ?? ROLE_KEYS[role ?? '']);
    this.submenu = submenu === undefined || submenu instanceof Menu ? submenu : Menu.buildFromTemplate(submenu);
    this.#click = () => options.click;
  }

  click(event: { readonly triggeredByAccelerator?: boolean } = {}, window: unknown = undefined): void {
    if (!this.enabled) return;
    // A role's own behaviour goes before a click.
    if (this.role !== undefined) Menu.onRole(this.role, window);
    else this.#click()?.(this, window, event);
  }
}

/** A menu, and the program's own menu. */
export class Menu {
  static onRole: RoleActions = () => undefined;
  static #application: Menu | null = null;
  /** The last one that was popped up. */
  static popped: Menu | undefined;
  readonly items: MenuItem[] = [];

  static buildFromTemplate(template: readonly ItemOptions[]): Menu {
    const menu = new Menu();
    menu.items.push(...template.map((options) => new MenuItem(options)));
    return menu;
  }

  static setApplicationMenu(menu: Menu | null): void {
    Menu.#application = menu;
  }

  static getApplicationMenu(): Menu | null {
    return Menu.#application;
  }

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }

  popup(): void {
    Menu.popped = this;
  }

  /** Does what the item with these keys says. */
  press(key: UnwantedKey, window: unknown): boolean {
    return this.items.some((item) => {
      if (item.submenu !== undefined) return item.submenu.press(key, window);
      if (item.accelerator === undefined || !fits(item.accelerator, key)) return false;
      item.click({ triggeredByAccelerator: true }, window);
      return true;
    });
  }
}

function fits(accelerator: string, pressed: UnwantedKey): boolean {
  const parts = accelerator.toLowerCase().split('+');
  const key = parts.pop() ?? '';
  const isMac = process.platform === 'darwin';
  const either = parts.includes('cmdorctrl');
  return (
    pressed.key.toLowerCase() === key &&
    pressed.ctrlKey === (parts.includes('ctrl') || (either && !isMac)) &&
    pressed.metaKey === (parts.includes('cmd') || (either && isMac)) &&
    pressed.shiftKey === parts.includes('shift') &&
    pressed.altKey === parts.includes('alt')
  );
}
