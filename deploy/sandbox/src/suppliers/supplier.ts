import { randomInt } from 'node:crypto';
import { sleep } from '../clock.js';
import type { Faults } from '../faults/faults.js';
import type { Ledger } from '../ledger/ledger.js';
import { startSftpServer, type SftpServer } from '../sftp/server.js';

const FOLDERS = ['/orders', '/orders/done', '/answers', '/answers/done', '/answers/parked'];

export type OfferAnswer = 'ACCEPTED' | 'REFUSED';

/**
 * A supplier that has files alone: its people take what lies in /orders and put answers into /answers. Its answers can be late (slow), never come (drop), come
 * twice (duplicate) or behind later ones (reorder); its server can break off around a file that is put there (timeout-before-effect, timeout-after-effect).
 */
export class FileSupplier {
  readonly #stopped = new AbortController();
  #held: (() => void)[] = [];
  #counter = 0;

  private constructor(
    readonly id: string,
    readonly server: SftpServer,
    private readonly world: { faults: Faults; ledger: Ledger },
  ) {}

  static async open(id: string, password: string, world: { faults: Faults; ledger: Ledger }): Promise<FileSupplier> {
    const cut = (operation: string, path: string): 'before' | 'after' | undefined => {
      const fault = world.faults.strike('suppliers', `sftp.${operation}`, ['timeout-before-effect', 'timeout-after-effect'], path.split('/').at(-1)!.split('.')[0]);
      return fault && (fault.kind === 'timeout-before-effect' ? 'before' : 'after');
    };
    return new FileSupplier(id, await startSftpServer({ user: id, password, folders: FOLDERS, cut }), world);
  }

  /** Takes every order file that waits and answers it: offers as told, ship files with a waybill. Answers which were taken. */
  work(answer: OfferAnswer, reason: string): readonly string[] {
    const waiting = this.server.list().filter(({ path }) => /^\/orders\/[^/]+\.csv$/.test(path));
    return waiting.map(({ path }) => {
      const name = path.slice('/orders/'.length);
      this.server.move(path, `/orders/done/${name}`);
      const [offer = '', kind] = name.split('.');
      this.#note('in', `orders.${kind}`, offer, 'taken');
      if (kind === 'offer') void this.#say(offer, [offer, answer, answer === 'REFUSED' ? reason : '', '', '']);
      if (kind === 'ship') void this.#say(offer, [offer, 'SHIPPED', '', 'sf', `SF1${String(randomInt(10 ** 12)).padStart(12, '0')}`]);
      return name;
    });
  }

  put(name: string, text: string): void {
    this.server.put(`/answers/${name}`, text);
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    for (const release of this.#held.splice(0)) release();
    await this.server.close();
  }

  async #say(offer: string, row: readonly string[]): Promise<void> {
    const fault = this.world.faults.strike('suppliers', 'answers.put', ['drop', 'slow', 'reorder', 'duplicate'], offer);
    if (fault?.kind === 'drop') return this.#note('out', 'answers', offer, 'dropped');
    if (fault?.kind === 'slow') await sleep(fault.ms ?? 1_000, this.#stopped.signal);
    // Held back until another has gone out.
    if (fault?.kind === 'reorder') await new Promise<void>((resolve) => this.#held.push(resolve));
    if (this.#stopped.signal.aborted) return;
    const text = `offer,answer,reason,carrier,waybill\n${row.join(',')}\n`;
    for (let copy = 0; copy < (fault?.kind === 'duplicate' ? 2 : 1); copy += 1) this.put(`answer-${String((this.#counter += 1)).padStart(6, '0')}.csv`, text);
    this.#note('out', 'answers', offer, row[1]!);
    if (fault?.kind !== 'reorder') for (const release of this.#held.splice(0)) release();
  }

  #note(direction: 'in' | 'out', kind: string, orderId: string, status: string): void {
    this.world.ledger.note({ world: 'suppliers', direction, kind, channel: this.id, orderId, status });
  }
}
