import { html, nothing, type TemplateResult } from 'lit';
import type { TimeStyle } from '../../src/model/log/time.js';
import { format, type UiStrings } from '../../src/protocol/panel.js';
import type { LogHeader, LogsStrings } from '../../src/protocol/logs.js';
import { findBox, type FindActions, type FindState } from '../ui/find.js';
import { iconButton, toolbar } from '../ui/parts.js';

/** What a person chose; survives reloads. */
export interface LogOptions {
  readonly wrap: boolean;
  readonly times: TimeStyle;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly matchCase: boolean;
}

export const defaultOptions: LogOptions = {
  wrap: false,
  times: 'local',
  stdout: true,
  stderr: true,
  matchCase: false,
};

export interface BarState {
  readonly strings: LogsStrings & UiStrings;
  readonly options: LogOptions;
  readonly find: FindState;
  readonly isPaused: boolean;
  /** Something is wrong with the log. */
  readonly isBroken: boolean;
  readonly count: number;
}

export interface BarActions extends FindActions {
  readonly onOptions: (change: Partial<LogOptions>) => void;
  readonly onPause: () => void;
  readonly onResume: () => void;
  readonly onOpenDocument: () => void;
}

const nextTimes: Readonly<Record<TimeStyle, TimeStyle>> = { local: 'utc', utc: 'off', off: 'local' };

/** The controls above the log. */
export function logToolbar(state: BarState, actions: BarActions): TemplateResult {
  const { strings, options } = state;
  return toolbar(
    strings.toolbar,
    html`${
        state.isPaused
          ? iconButton({
              icon: 'debug-continue',
              label: strings.resume,
              onClick: actions.onResume,
              pressed: true,
            })
          : iconButton({
              icon: 'debug-pause',
              label: strings.pause,
              onClick: actions.onPause,
              pressed: false,
            })
      }
      ${streamToggle('stdout', strings.showStdout, state, actions)}
      ${streamToggle('stderr', strings.showStderr, state, actions)}
      ${iconButton({
        icon: 'word-wrap',
        label: strings.wrap,
        pressed: options.wrap,
        onClick: () => actions.onOptions({ wrap: !options.wrap }),
      })}
      ${iconButton({
        icon: options.times === 'utc' ? 'globe' : 'clock',
        label: timesLabel(options.times, strings),
        pressed: options.times !== 'off',
        onClick: () => actions.onOptions({ times: nextTimes[options.times] }),
      })}
      ${iconButton({
        icon: 'go-to-file',
        label: strings.openDocument,
        onClick: actions.onOpenDocument,
      })}
      <span class="space"></span>
      ${findBox(strings, state.find, actions)}
      ${iconButton({
        icon: 'case-sensitive',
        label: strings.matchCase,
        pressed: options.matchCase,
        onClick: () => actions.onOptions({ matchCase: !options.matchCase }),
      })}
      ${
        state.find.query === ''
          ? nothing
          : html`<span class="scope">${format(strings.findScope, state.count.toLocaleString())}</span>`
      }`,
  );
}

function streamToggle(
  stream: 'stdout' | 'stderr',
  label: string,
  { options }: BarState,
  actions: BarActions,
): TemplateResult {
  return html`<vscode-checkbox
    class=${stream}
    title=${label}
    ?checked=${options[stream]}
    @change=${(event: Event) => {
      const { checked } = event.target as HTMLInputElement;
      if (checked !== options[stream]) actions.onOptions({ [stream]: checked });
    }}
    >${stream}</vscode-checkbox
  >`;
}

function timesLabel(times: TimeStyle, strings: LogsStrings): string {
  return { local: strings.timesLocal, utc: strings.timesUtc, off: strings.timesOff }[times];
}

/** The line below the log: where it is, how the container does, how much is loaded. */
export function statusLine(state: BarState, header: LogHeader | undefined, path: string): TemplateResult {
  const { strings } = state;
  return html`<footer class="status">
    <span class="activity">${activityText(state, header)}</span>
    <span class="container ${header?.ended ? 'ended' : ''}" role="status">${header?.status ?? ''}</span>
    <span class="path" title=${path}>${path}</span>
    <span>${format(strings.loaded, state.count.toLocaleString())}</span>
  </footer>`;
}

function activityText({ strings, isPaused, isBroken }: BarState, header: LogHeader | undefined): string {
  if (isBroken) return '';
  if (isPaused) return strings.paused;
  return header?.ended ? '' : strings.following;
}

/** Offers to go on when the log is paused. @param waiting lines that came meanwhile */
export function resumeButton(
  strings: LogsStrings,
  { count, more }: { readonly count: number; readonly more: boolean },
  onResume: () => void,
): TemplateResult {
  const many = format(more ? strings.manyNewLines : strings.newLines, count.toLocaleString());
  const text = count === 0 ? strings.toEnd : count === 1 ? strings.newLine : many;
  return html`<div class="resume" role="status">
    <vscode-button @click=${onResume}
      >${text}<span slot="start" class="codicon codicon-arrow-down"></span
    ></vscode-button>
  </div>`;
}
