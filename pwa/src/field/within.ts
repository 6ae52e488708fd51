/** Waits for `work`, but no longer than so many milliseconds; whether it came about is not its matter. */
export function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, milliseconds);
    const end = () => {
      clearTimeout(timer);
      done();
    };
    work.then(end, end);
  });
}
