/** Why somebody was signed out by the server. */
export default {
  farewell: {
    device: "This tablet has been taken out of use",
    account: "The account {username} ({name}) has been disabled",
    stopped: "This tablet, or the account {username}, has been taken out of use",
    lost: "This tablet has been reported lost",
    no_role: "{name} has no duty in checks or office at present",
    wipedAll: "Signed out {at}; the work of everybody was wiped from this tablet.",
    wiped: "Signed out {at}; what belonged to {name} has been removed from this tablet.",
    left: "Signed out {at}; the records have been removed from this tablet.",
    handed: "Handed in to the office before that: {list}",
    handedNone: "Nothing was left to hand in; everything before had been uploaded.",
    forfeited: "Not uploaded in time, and removed with the rest: {list}",
    commits: "{n} record | {n} records",
    photos: "{n} photo | {n} photos",
    drafts: "{n} unfinished check | {n} unfinished checks",
    draftsGone:
      "{n} unfinished check was removed with the rest. | {n} unfinished checks were removed with the rest.",
    draftsKept:
      "{n} unfinished check stays on this tablet; once the duty is back, sign in and go on. | {n} unfinished checks stay on this tablet; once the duty is back, sign in and go on.",
    todoTitle: "What to do",
    todo: {
      device: "Please go on with another tablet. To have this one back in use, ask the {admin}.",
      account: "Others can still sign in on this tablet. To have the account back, ask the {admin}.",
      stopped: "Please ask the {admin} why, and to have it back in use.",
      lost: "If the tablet has been found, hand it to the {admin}; nobody can sign in on it before it is taken back.",
      no_role: "Please ask the {admin} for a duty, then sign in again.",
    },
    waiting: "What was handed in is not lost: the {reviewer} takes it in or discards it. Please tell them.",
  },
};
