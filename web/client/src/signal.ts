// A list of listeners: the only wiring between modules, and how an application hears of things.

/** Something that can be listened to. `Events` names what is said, and what is said with it. */
export class Signal<Events extends object> {
  #listeners = new Map<keyof Events, Set<(value: never) => void>>();

  /** Listens; answers the function that stops listening. */
  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(name, listeners);
    return () => void listeners.delete(listener);
  }

  /** Tells everybody who listens now. */
  emit<Name extends keyof Events>(
    name: Name, ...[value]: Events[Name] extends undefined ? [] : [Events[Name]]
  ): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      (listener as (value: unknown) => void)(value);
    }
  }
}
