// Judges the scenarios of test_twins.py with the device's rules: JSON on standard input, answers on output.
import { readFileSync } from "node:fs";
import { businessDate } from "../../pwa/src/rules/business-date.ts";
import { WorkCalendar } from "../../pwa/src/rules/calendar.ts";
import { judge, postStates } from "../../pwa/src/rules/coverage.ts";

const { years, scenarios } = JSON.parse(readFileSync(0, "utf8"));

const instantOf = (text) => (text === null ? null : Date.parse(text));
const answers = scenarios.map((scenario) => {
  const units = scenario.units.map((unit) => ({
    ...unit,
    checks: unit.checks.map((check) => {
      const endedAt = Date.parse(check.ended_at);
      return { ...check, ended_at: endedAt, business_date: businessDate(endedAt, unit.shift) };
    }),
  }));
  const devices = Object.fromEntries(
    Object.entries(scenario.devices).map(([person, rows]) => [
      person,
      rows.map((row) => ({
        unsent_zero_at: instantOf(row.unsent_zero_at),
        earlier_zeros: row.earlier_zeros.map(instantOf),
      })),
    ]),
  );
  const calendar = new WorkCalendar(years, scenario.overrides);
  const states = judge(units, devices, scenario.settings, calendar, Date.parse(scenario.now));
  return { units: states, posts: postStates(states) };
});
process.stdout.write(JSON.stringify(answers));
