/**
 * Keys for the rows: a row is one stop of the Tab key, and only the focused row's buttons are stops too, so that a
 * spec of a thousand rows isn't a thousand stops. Arrow keys go from row to row, over section titles;
 * right and left open and close. Returns nothing to undo: it lives as long as the page.
 */
export function listenForRowKeys(root: HTMLElement): void {
  root.addEventListener('focusin', (event) => {
    const row = rowOf(event.target);
    for (const old of root.querySelectorAll<HTMLElement>('.row.active')) {
      if (old !== row) setActive(old, false);
    }
    if (row) setActive(row, true);
  });
  root.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const from = stopOf(event.target);
    if (from && pressed(root, from, event)) event.preventDefault();
  });
}

function pressed(root: HTMLElement, from: HTMLElement, event: KeyboardEvent): boolean {
  switch (event.key) {
    case 'ArrowDown':
    case 'ArrowUp':
      return move(root, from, event.key === 'ArrowDown' ? 1 : -1);
    case 'ArrowRight':
      return setExpanded(from, true);
    case 'ArrowLeft':
      return setExpanded(from, false);
    case 'Enter':
    case ' ':
      // Only on the row itself; its buttons answer these keys on their own.
      return event.target === from && from.matches('.row') && press(expander(from));
    default:
      return false;
  }
}

function move(root: HTMLElement, from: HTMLElement, by: 1 | -1): boolean {
  const stops = [...root.querySelectorAll<HTMLElement>('.row, .section-toggle')];
  const next = stops[stops.indexOf(from) + by];
  next?.focus();
  return next !== undefined;
}

function setExpanded(stop: HTMLElement, open: boolean): boolean {
  const button = expander(stop);
  return button?.getAttribute('aria-expanded') === String(!open) && press(button);
}

function press(button: HTMLElement | null): boolean {
  button?.click();
  return button !== null;
}

const expander = (stop: HTMLElement): HTMLElement | null =>
  stop.matches('[aria-expanded]') ? stop : stop.querySelector<HTMLElement>('[aria-expanded]');

function setActive(row: HTMLElement, active: boolean): void {
  row.classList.toggle('active', active);
  for (const button of row.querySelectorAll('button')) button.tabIndex = active ? 0 : -1;
}

const rowOf = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>('.row') : null;

const stopOf = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>('.row, .section-toggle') : null;
