// Unsent operations in the browser's IndexedDB: one store, one record an operation.

import type { Kept, Storage } from './storage.js';

const STORE = 'operations';
const BY_PLACE = 'place';

/** See the module's comment. The database is opened with the first use. */
export class IndexedDbStorage implements Storage {
  #database: Promise<IDBDatabase> | null = null;

  constructor(private readonly factory: IDBFactory, private readonly name = 'kyo-collaboration') {}

  async load(owner: string, room: string): Promise<Kept[]> {
    const store = await this.#store('readonly');
    return answer(store.index(BY_PLACE).getAll([owner, room]) as IDBRequest<Kept[]>);
  }

  async put(kept: Kept): Promise<void> {
    await answer((await this.#store('readwrite')).put(kept));
  }

  async remove(opId: string): Promise<void> {
    await answer((await this.#store('readwrite')).delete(opId));
  }

  async #store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
    this.#database ??= this.#open();
    try {
      return (await this.#database).transaction(STORE, mode).objectStore(STORE);
    } catch {
      // The browser closes databases now and then: once more with a fresh one.
      this.#database = this.#open();
      return (await this.#database).transaction(STORE, mode).objectStore(STORE);
    }
  }

  async #open(): Promise<IDBDatabase> {
    const request = this.factory.open(this.name, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: 'opId' });
      store.createIndex(BY_PLACE, ['owner', 'room']);
    };
    const database = await answer(request);
    database.onversionchange = () => database.close();
    return database;
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
