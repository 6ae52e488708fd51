/** Paths that belong to the server and never to the app. */
export const isForTheServer = /^\/(api|socket\.io)(\/|$)/;

/** A redirected answer in the cache breaks offline start: browsers refuse it for navigations. */
export function cacheable(response: Pick<Response, "status" | "redirected">): boolean {
  return response.status === 200 && !response.redirected;
}

/** The network's answer if it is a good one, else what is kept. */
export async function fromNetworkFirst(
  request: Request,
  kept: Response | undefined,
  ask: (request: Request) => Promise<Response> = fetch,
): Promise<Response> {
  try {
    const response = await ask(request);
    if (response.ok || kept === undefined) return response;
  } catch (error) {
    if (kept === undefined) throw error;
  }
  return kept;
}
