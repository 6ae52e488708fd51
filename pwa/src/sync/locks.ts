/** What of `navigator.locks` is used. */
export interface LocksLike {
  request<T>(name: string, options: { signal: AbortSignal }, work: () => Promise<T>): Promise<T>;
}

/**
 * Runs `work` while no other tab runs its own under this name. A tab that holds the lock for longer than `patience`
 * (milliseconds) is taken for frozen, and the work is done without: the lock saves double work, correctness does
 * not hang on it.
 */
export async function withLock<T>(
  locks: LocksLike | null,
  name: string,
  patience: number,
  work: () => Promise<T>,
): Promise<T> {
  if (locks === null) return work();
  const impatience = new AbortController();
  const timer = setTimeout(() => impatience.abort(), patience);
  let begun = false;
  try {
    return await locks.request(name, { signal: impatience.signal }, () => {
      begun = true;
      clearTimeout(timer);
      return work();
    });
  } catch (error) {
    if (begun) throw error;
    return work();
  } finally {
    clearTimeout(timer);
  }
}
