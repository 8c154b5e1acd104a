import * as vscode from 'vscode';
import { changesSince } from '../model/doctor/changes.js';
import type { Diagnosis } from '../model/doctor/finding.js';
import type { DoctorProgress, DoctorState } from '../protocol/doctor.js';
import { messageOf } from '../util/async.js';
import type { Disposable } from '../util/dispose.js';

/** Milliseconds that one look may take; a node that is slower is not read to its end. */
const patience = 180_000;

export interface DoctorSessionOptions {
  /** Looks once at the node. */
  readonly diagnose: (signal: AbortSignal, onProgress: (step: string) => void) => Promise<Diagnosis>;
  readonly onState: (state: DoctorState) => void;
  readonly onProgress: (progress: DoctorProgress) => void;
}

/** The looks of one panel: at most one at a time, the last result kept until there is a new one. */
export class DoctorSession implements Disposable {
  readonly #options: DoctorSessionOptions;
  #state: DoctorState = {};
  #looking: AbortController | undefined;

  constructor(options: DoctorSessionOptions) {
    this.#options = options;
  }

  get state(): DoctorState {
    return this.#state;
  }

  /** What is known; begins the first look. */
  open(): DoctorState {
    if (this.#state.result === undefined && this.#state.failure === undefined) this.look();
    return this.#state;
  }

  look(): void {
    if (this.#looking) return;
    const abort = new AbortController();
    this.#looking = abort;
    this.#show({ ...this.#kept(), looking: {} });
    const slow = vscode.l10n.t('The node did not answer all questions within {0} s.', patience / 1000);
    const timer = setTimeout(() => this.#fail(abort, slow), patience);
    const onProgress = (step: string): void => {
      if (this.#looking !== abort) return;
      this.#state = { ...this.#state, looking: { step } };
      this.#options.onProgress({ step });
    };
    this.#options
      .diagnose(abort.signal, onProgress)
      .then(
        (diagnosis) => this.#found(abort, diagnosis),
        (error: unknown) => this.#fail(abort, messageOf(error)),
      )
      .finally(() => clearTimeout(timer));
  }

  cancel(): void {
    if (this.#looking) this.#fail(this.#looking, vscode.l10n.t('The look was cancelled.'));
  }

  dispose(): void {
    this.#looking?.abort(new Error('the panel was closed'));
    this.#looking = undefined;
  }

  #found(look: AbortController, diagnosis: Diagnosis): void {
    if (this.#looking !== look) return;
    this.#looking = undefined;
    const before = this.#state.result?.diagnosis;
    this.#show({
      result: { diagnosis, ...(before ? { changes: changesSince(before, diagnosis) } : {}) },
    });
  }

  /** Whatever still runs of the look is told to end; nobody waits for it. */
  #fail(look: AbortController, failure: string): void {
    if (this.#looking !== look) return;
    this.#looking = undefined;
    look.abort(new Error(failure));
    this.#show({ ...this.#kept(), failure });
  }

  #kept(): DoctorState {
    return this.#state.result ? { result: this.#state.result } : {};
  }

  #show(state: DoctorState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}
