import { Contender } from './contender.ts';
import { installPeers } from './install.ts';
import type { Peer } from './measureRow.ts';
import { ours, type PeerSpec } from './peers.ts';
import type { Row } from './workloads.ts';

/** The peers of a run: started when a row first needs them, kept as long as they live, ended together. */
export class Peers {
  readonly #specs: PeerSpec[] = [];
  readonly #threads: number;
  readonly #build: string | undefined;
  readonly #running = new Map<string, Contender>();
  /** Why peers that were asked for are left out. */
  readonly missing: string[] = [];

  constructor(specs: readonly PeerSpec[], threads: number, build: string | undefined) {
    this.#threads = threads;
    this.#build = build;
    const noPackages = specs.some(({ npm }) => npm) ? installPeers() : undefined;
    for (const spec of specs) {
      const reason = (spec.npm ? noPackages : undefined) ?? spec.missing?.();
      if (reason === undefined) this.#specs.push(spec);
      else this.missing.push(`${spec.name} is left out: ${reason}`);
    }
  }

  /** Names, in order. */
  get names(): string[] {
    return this.#specs.map(({ name }) => name);
  }

  /** Those that take part in a row. One that has ended meanwhile is started anew. */
  of(row: Row): Peer[] {
    return this.#specs
      .filter((spec) => spec.takesPart(row))
      .map((spec) => {
        let contender = this.#running.get(spec.name);
        if (contender === undefined || !contender.alive) {
          contender = new Contender(spec.name, spec.command(this.#threads, this.#build));
          this.#running.set(spec.name, contender);
        }
        return { spec, contender };
      });
  }

  stop(): void {
    for (const contender of this.#running.values()) contender.stop();
  }
}

/** Keeps one core busy until `stop` is called. */
export function keepCoreBusy(build: string | undefined): { stop: () => void } {
  const busy = new Contender('busy', ours(1, build));
  const loop = async (): Promise<void> => {
    while (busy.alive) await busy.peak({ iterations: 4_000_000, clock: 'wall' });
  };
  loop().catch(() => undefined);
  return busy;
}
