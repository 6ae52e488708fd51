import { Session, Transport } from "../sync";

/** Signs out and starts the page anew, so that nothing of the last user stays in memory. */
export async function signOutOffice(): Promise<void> {
  const session = await Session.open(new Transport());
  await session.signOut();
  location.assign("/signin");
}
