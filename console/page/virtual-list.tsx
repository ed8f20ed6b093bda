import { useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props<T> {
  readonly label: string;
  readonly items: readonly T[];
  readonly rowPx: number;
  /** As many columns as fit; absent: one. */
  readonly minColumnPx?: number;
  readonly keyOf: (item: T) => string;
  readonly render: (item: T) => ComponentChildren;
}

interface Window {
  readonly first: number;
  readonly end: number;
  readonly columns: number;
}

/** Rows above and below what is seen, so that a fast scroll does not show a gap. */
const EXTRA_ROWS = 6;

const windowOf = (element: HTMLElement, rowPx: number, minColumnPx: number | undefined): Window => {
  const { top, width } = element.getBoundingClientRect();
  const columns = minColumnPx === undefined ? 1 : Math.max(1, Math.floor(width / minColumnPx));
  const first = Math.max(0, Math.floor(-top / rowPx) - EXTRA_ROWS);
  const end = Math.ceil((innerHeight - top) / rowPx) + EXTRA_ROWS;
  return { first: first * columns, end: Math.max(0, end * columns), columns };
};

const isSame = (a: Window, b: Window): boolean =>
  a.first === b.first && a.end === b.end && a.columns === b.columns;

/** A list of equal rows that scrolls with the page and has only those in the document that are near what is seen. */
export const VirtualList = <T,>({ label, items, rowPx, minColumnPx, keyOf, render }: Props<T>) => {
  const list = useRef<HTMLUListElement>(null);
  const shown = useSignal<Window>({ first: 0, end: 60, columns: 1 });
  useEffect(() => {
    const look = (): void => {
      if (list.current === null) return;
      const next = windowOf(list.current, rowPx, minColumnPx);
      if (!isSame(next, shown.peek())) shown.value = next;
    };
    look();
    const size = new ResizeObserver(look);
    size.observe(document.body);
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      size.disconnect();
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [rowPx, minColumnPx]);
  const width = useComputed(() => 100 / shown.value.columns);
  const { first, end, columns } = shown.value;
  return (
    <ul
      class="virtual"
      ref={list}
      aria-label={label}
      style={{ height: `${Math.ceil(items.length / columns) * rowPx}px` }}
    >
      {items.slice(first, end).map((item, index) => {
        const place = first + index;
        const at = {
          top: `${Math.floor(place / columns) * rowPx}px`,
          left: `${(place % columns) * width.value}%`,
          width: `${width.value}%`,
          height: `${rowPx}px`,
        };
        return (
          <li key={keyOf(item)} style={at} aria-setsize={items.length} aria-posinset={place + 1}>
            {render(item)}
          </li>
        );
      })}
    </ul>
  );
};
