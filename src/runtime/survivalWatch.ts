import type { ProcessTable } from '../model/process.js';
import {
  fatesOf,
  lives,
  running,
  settledFates,
  survivors,
  type Daemon,
  type Moment,
  type Survival,
} from '../model/survival.js';

/** For so long after a return the kubelet may still make anew what died. Milliseconds. */
const settleMs = 60_000;

interface Absence {
  readonly lostAt: number;
  /** The way to the node was cut: that says nothing of the runtime. */
  cut: boolean;
  /** At least once nobody served the socket, rather than no answer coming in time. */
  refused: boolean;
}

export interface SurvivalWatchOptions {
  /** Looks for the process that serves the runtime's socket; undefined when it can't be seen. */
  readonly findDaemon: (table: ProcessTable) => Promise<Daemon | undefined>;
  readonly now?: () => number;
}

/**
 * Notices that a runtime's daemon was away and compares what ran before and after. A daemon that was not seen to fail but
 * is another process now was away too; a cut link, or a daemon that merely hung, is no absence.
 */
export class SurvivalWatch {
  readonly #options: SurvivalWatchOptions;
  readonly #now: () => number;
  #last: Moment | undefined;
  #lastSeenAt = 0;
  #looked = false;
  #absence: Absence | undefined;
  readonly #gone = new Map<string, number>();
  #survival: Survival | undefined;
  /** The picture before the last absence, while its outcome settles. */
  #settling: Moment | undefined;

  constructor(options: SurvivalWatchOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get survival(): Survival | undefined {
    return this.#survival;
  }

  /** Who served at the last look. */
  get daemon(): Daemon | undefined {
    return this.#last?.daemon;
  }

  dismiss(): void {
    if (this.#survival) this.#survival = { ...this.#survival, dismissed: true };
  }

  /**
   * A refresh got no answer.
   * @param refused nobody served the socket
   */
  failed(refused: boolean): void {
    this.#absent().refused ||= refused;
    // Whatever was said of the absence before is out of date.
    this.#survival = undefined;
    this.#settling = undefined;
  }

  /** The node can't be reached. */
  cut(): void {
    this.#absent().cut = true;
  }

  /** Notes which processes are gone while the runtime is away. */
  away(table: ProcessTable): void {
    if (!this.#last || !this.#absence) return;
    for (const { id, process } of running(this.#last).values()) {
      if (process && !this.#gone.has(id) && !lives(process, table)) this.#gone.set(id, this.#now());
    }
  }

  /** Takes a whole picture: lists that the runtime just gave, and a table read after them. */
  async answered(picture: Omit<Moment, 'daemon'>, table: ProcessTable): Promise<void> {
    const daemon = await this.#daemon(table);
    const moment: Moment = { ...picture, ...(daemon ? { daemon } : {}) };
    const before = this.#last;
    if (before && this.#wasAway(before.daemon, daemon)) this.#compare(before, moment, table);
    else if (this.#settling && this.#survival) this.#settle(this.#survival, this.#settling, moment, table);
    this.#last = moment;
    this.#lastSeenAt = this.#now();
    this.#absence = undefined;
    this.#gone.clear();
  }

  #absent(): Absence {
    this.#looked = false;
    return (this.#absence ??= { lostAt: this.#now(), cut: false, refused: false });
  }

  /** The known one while it lives; looked for once after each absence, since it costs round trips. */
  async #daemon(table: ProcessTable): Promise<Daemon | undefined> {
    const known = this.#last?.daemon;
    if (known && lives(known, table)) return known;
    if (this.#looked && !known) return undefined;
    this.#looked = true;
    // Who serves may be hidden from this user.
    return this.#options.findDaemon(table).catch(() => undefined);
  }

  #wasAway(before: Daemon | undefined, after: Daemon | undefined): boolean {
    if (before) return before !== after;
    return this.#absence?.refused === true && !this.#absence.cut;
  }

  #compare(before: Moment, after: Moment, table: ProcessTable): void {
    const lostAt = this.#absence?.cut ? undefined : this.#absence?.lostAt;
    this.#survival = {
      runtimeName: after.snapshot.name,
      lastSeenAt: this.#lastSeenAt,
      ...(lostAt === undefined ? {} : { lostAt }),
      backAt: this.#now(),
      ...(before.daemon ? { oldDaemon: before.daemon } : {}),
      ...(after.daemon ? { newDaemon: after.daemon } : {}),
      entries: fatesOf(before, after, table, this.#gone),
      dismissed: false,
    };
    this.#settling = before;
  }

  #settle(survival: Survival, before: Moment, after: Moment, table: ProcessTable): void {
    const { survived, total } = survivors(survival);
    if (survived === total || this.#now() - survival.backAt > settleMs) this.#settling = undefined;
    const entries = settledFates(survival.entries, fatesOf(before, after, table, new Map()));
    if (entries !== survival.entries) this.#survival = { ...survival, entries };
  }
}
