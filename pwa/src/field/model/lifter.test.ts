import { expect, it } from "vitest";
import { view } from "../../../tests/field/people.ts";
import type { Person, RoleAssignment } from "../../contract/index.ts";
import { lifterOf } from "./lifter.ts";

const TODAY = "2026-11-23";
const person = (name: string, superior: string | null = null, part: Partial<Person> = {}) =>
  view<Person>("person", name, { name, grade: "staff", active: true, superior, ...part });
const role = (name: string, code: RoleAssignment["role"], part: Partial<RoleAssignment> = {}) =>
  view<RoleAssignment>("role_assignment", `${name}-${code}`, {
    person: name,
    role: code,
    starts_on: "2026-01-01",
    ...part,
  });
const PEOPLE = [
  person("王小燕", "何桂兰"),
  person("何桂兰", "姚春燕"),
  person("姚春燕", "韩静仪"),
  person("韩静仪"),
];
const ROLES = [role("何桂兰", "team_lead"), role("姚春燕", "supervisor"), role("韩静仪", "centre_director")];
const nameOf = (signer: string, people = PEOPLE, roles = ROLES) => lifterOf(signer, people, roles, TODAY)?.id;

it("is the nearest superior who may, never the team lead", () => {
  expect(nameOf("王小燕")).toBe("姚春燕");
  expect(nameOf("何桂兰")).toBe("姚春燕");
  expect(nameOf("姚春燕")).toBe("韩静仪");
});

it("passes over who has left, whose role has ended or not begun", () => {
  const left = PEOPLE.map((one) =>
    one.id === "姚春燕" ? person("姚春燕", "韩静仪", { active: false }) : one,
  );
  expect(nameOf("王小燕", left)).toBe("韩静仪");
  for (const part of [{ ends_on: "2026-11-22" }, { starts_on: "2026-11-24" }])
    expect(nameOf("王小燕", PEOPLE, [role("姚春燕", "supervisor", part), ...ROLES.slice(2)])).toBe("韩静仪");
});

it("is the director where no superior is known, and nobody where there is none", () => {
  expect(nameOf("外人")).toBe("韩静仪");
  expect(nameOf("韩静仪")).toBeUndefined();
  const round = [person("甲", "乙"), person("乙", "甲")];
  expect(nameOf("甲", round, [])).toBeUndefined();
});
