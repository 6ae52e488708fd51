import type { StatusBoard } from "./status";

/** Progress of first pulls and rebuilds over all spaces, counted in seqs, so that a screen can say 1,234 / 3,210. */
export class Filling {
  private readonly spaces = new Map<string, { done: number; total: number }>();

  constructor(private readonly board: StatusBoard) {}

  /** These spaces were never followed here. */
  begin(spaces: readonly { space: string; head: number }[]): void {
    this.spaces.clear();
    for (const { space, head } of spaces) this.spaces.set(space, { done: 0, total: head });
    if (spaces.length > 0) this.tell();
  }

  at(space: string, done: number, total: number): void {
    this.spaces.set(space, { done: Math.min(done, total), total });
    this.tell();
  }

  end(): void {
    this.spaces.clear();
    this.board.tell({ filling: null });
  }

  private tell(): void {
    const parts = [...this.spaces.values()];
    const sum = (key: "done" | "total") => parts.reduce((total, part) => total + part[key], 0);
    this.board.tell({ filling: { done: sum("done"), total: sum("total") } });
  }
}
