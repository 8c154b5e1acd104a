import type { Finding } from '../../src/model/doctor/finding.js';
import type { DoctorStrings } from '../../src/protocol/doctor.js';
import type { UiStrings } from '../../src/protocol/panel.js';
import { visible } from '../../src/model/visible.js';
import { highlight } from '../ui/find.js';
import type { Choices, PageState } from './state.js';

/** What the templates need. */
export interface PageContext {
  readonly strings: DoctorStrings & UiStrings;
  readonly state: PageState;
  readonly pattern: RegExp | undefined;
  /** The findings that are left by the filter, in their order. */
  readonly shown: readonly Finding[];
  readonly actions: PageActions;
}

export interface PageActions {
  readonly look: () => void;
  readonly cancel: () => void;
  readonly exportMarkdown: () => void;
  readonly choose: (change: Partial<Choices>) => void;
  readonly chooseAnyKind: () => void;
  readonly clearFilter: () => void;
  readonly toggle: (place: string, open: boolean) => void;
  readonly setAll: (open: boolean) => void;
  readonly widen: () => void;
  readonly copy: (text: string) => Promise<unknown>;
  readonly reveal: (finding: Finding) => void;
  readonly openSpec: (finding: Finding) => void;
}

/** A stranger's text, in one line, with the filter's matches marked. */
export const marked = ({ pattern }: PageContext, text: string): unknown => highlight(visible(text), pattern);

/** A time of day, with the day, in the reader's language. */
export function timeOf(at: number): string {
  const { lang } = document.documentElement;
  return new Intl.DateTimeFormat(lang === '' ? undefined : lang, {
    dateStyle: 'medium',
    timeStyle: 'medium',
  }).format(at);
}
