/** The states of a finding in words, as they begin a line; the tablet writes them within one and has its own. */
export const state = {
  open: "Not evaluated",
  evaluated: "Evaluated",
  acknowledged: "Acknowledged",
  correcting: "Being corrected",
  corrected: "Corrected",
  verified: "Verified",
  closed: "Closed",
  verification_failed: "Verification failed",
  conceded: "Concession",
};
