import type { FindingFacts } from "../../rules";
import type { Followed } from "./readFollowing";

/** Who is nearest to a finding: the holders of its post, the team, its lead. */
export function nearPeople({ post, team, people }: Followed): string[] {
  const holders = (post?.data.holders ?? []).map(({ value }) => value);
  const mates = people.filter(({ data }) => team !== null && data.team === team.id).map(({ id }) => id);
  const lead = team?.data.lead ? [team.data.lead] : [];
  return [...new Set([...holders, ...mates, ...lead])];
}

/** What the rules of a finding ask beside it. */
export function factsOf(known: Followed, author: string): FindingFacts {
  const byCode = <R extends { code: string }>(rows: readonly R[]) =>
    Object.fromEntries(rows.map((row) => [row.code, row]));
  const named = known.signatures.find(({ record }) => record.id === known.finding.data.acknowledgement);
  return {
    id: known.finding.id,
    author,
    attributions: byCode(known.attributions),
    dispositions: byCode(known.dispositions),
    classes: byCode(known.classes.rows),
    supplied: known.supplied,
    acknowledgement: named === undefined ? null : named.record.data,
  };
}
