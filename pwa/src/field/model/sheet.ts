import type {
  Area,
  AttributionTable,
  CheckItem,
  ClassTable,
  Finding,
  Person,
  Photo,
  Post,
} from "../../contract";
import { linesOf, type Sheet, type SheetFinding, type Shown } from "../../rules";
import type { ViewRecord } from "../../store";
import type { Locale } from "../../ui/format";
import { nameOf } from "./names";

/** Everything that the lines of a sheet name. */
export interface SheetSources {
  language: Locale;
  post: ViewRecord<Post> | null;
  area: ViewRecord<Area> | null;
  people: readonly ViewRecord<Person>[];
  items: readonly ViewRecord<CheckItem>[];
  photos: ReadonlyMap<string, ViewRecord<Photo>>;
  classes: ClassTable["rows"];
  attributions: AttributionTable["rows"];
  unknown: string;
}

/** What one person is shown, and signs, of the findings of one check that name him (Q1-4.4o). */
export function sheetOf(findings: readonly ViewRecord<Finding>[], signer: string, from: SheetSources): Sheet {
  const [first] = findings;
  return {
    check: first?.data.check ?? "",
    unit: first?.data.unit ?? "",
    signer: shown(signer, from),
    findings: findings.map((finding) => shownFinding(finding, from)),
    lines: findings.flatMap(linesOf),
  };
}

export function shown(id: string, { people, unknown }: Pick<SheetSources, "people" | "unknown">): Shown {
  return { id, name: people.find((one) => one.id === id)?.data.name ?? unknown };
}

function shownFinding({ id, data }: ViewRecord<Finding>, from: SheetSources): SheetFinding {
  const { language } = from;
  const item = from.items.find(
    (row) => row.data.version === data.standard_version && row.data.code === data.item,
  );
  const named = (rows: readonly { code: string; name: string; name_en: string }[], code: string) => {
    const row = rows.find((one) => one.code === code);
    return { code, name: row === undefined ? code : nameOf(row, language) };
  };
  const place = (record: ViewRecord<Post> | ViewRecord<Area>) => ({
    id: record.id,
    code: record.data.code,
    name: nameOf(record.data, language),
  });
  return {
    record: id,
    post: from.post === null ? { id: data.post, code: "", name: from.unknown } : place(from.post),
    area: from.area === null ? null : place(from.area),
    item: {
      code: data.item,
      name: item === undefined ? data.item : nameOf(item.data, language),
      criterion: item?.data.criterion ?? "",
    },
    description: data.description,
    no_photo_reason: data.no_photo_reason ?? null,
    photos: (data.photos ?? []).map(({ value }) => ({
      id: value,
      sha256: from.photos.get(value)?.data.sha256 ?? "",
    })),
    class: named(from.classes, data.class ?? ""),
    attribution: named(from.attributions, data.attribution ?? ""),
    responsible_person: data.responsible_person ? shown(data.responsible_person, from) : null,
  };
}
