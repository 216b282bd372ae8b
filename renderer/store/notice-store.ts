import { createStore, type StoreApi } from 'zustand/vanilla';

/** A sentence shown for a while. */
export interface Notice {
  readonly id: number;
  readonly message: string;
  readonly tone: 'plain' | 'trouble';
}

/** Sentences for the person at the window. */
export interface NoticeStore {
  readonly state: StoreApi<readonly Notice[]>;
  tell(message: string, tone?: Notice['tone']): void;
  dismiss(id: number): void;
}

const MOST_NOTICES = 4;

/** A store without notices. */
export function createNoticeStore(): NoticeStore {
  const state = createStore<readonly Notice[]>(() => []);
  let nextId = 1;
  return {
    state,
    tell(message, tone = 'plain') {
      const notice = { id: nextId++, message, tone };
      const others = state.getState().filter((one) => one.message !== message);
      state.setState([...others, notice].slice(-MOST_NOTICES), true);
    },
    dismiss: (id) =>
      state.setState(
        state.getState().filter((one) => one.id !== id),
        true,
      ),
  };
}
