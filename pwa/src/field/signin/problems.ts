import type { SignIn } from "../../sync";

/** What happened, what was kept, what to do. */
export interface SignInProblem {
  title: string;
  kept: string;
  todo: string;
}

type Translate = (key: string, named?: Record<string, unknown>) => string;

/** Says in words why a sign-in did not come about. */
export function toldOf(outcome: Exclude<SignIn, { kind: "ok" | "wiped" }>, t: Translate): SignInProblem {
  switch (outcome.kind) {
    case "wrong":
      return { title: t("app.signin.wrong"), kept: "", todo: t("app.signin.wrongTodo") };
    case "limited": {
      const seconds = Math.max(1, Math.ceil(outcome.wait / 1000));
      const todo =
        seconds < 120
          ? t("app.signin.limitedTodo", { seconds })
          : t("app.signin.limitedMinutes", { minutes: Math.ceil(seconds / 60) });
      return { title: t("app.signin.limited"), kept: "", todo };
    }
    case "offline":
      return {
        title: t("app.signin.noNet"),
        kept: t("app.signin.noNetKept"),
        todo: t("app.signin.noNetTodo"),
      };
    default: {
      const code = outcome.problem?.code ?? String(outcome.status);
      return { title: t("app.signin.server"), kept: "", todo: t("app.signin.serverTodo", { code }) };
    }
  }
}
