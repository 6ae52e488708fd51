/** Codes of an evaluation in words, the same on tablet and desk. */
export const attribution = {
  personal: "Personal",
  team: "Team management",
  department: "Department management",
  system: "Rules or standard",
  facility: "Facility or equipment",
  supplier: "Supplier",
  owner_or_third: "Owner or third party",
  outside: "Weather or other outside cause",
};

export const disposition = {
  correct_now: "Correct now",
  correct_by: "Correct by a deadline",
  redo: "Redo the service",
  isolate: "Take out of use",
  inform_customer: "Inform and apologise",
  return_replace: "Return, replace, claim",
  concession: "Concession",
};
