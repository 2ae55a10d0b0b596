// Shown instead of a page while nobody is signed in.
import { html, signal } from "../html.js";
import { session } from "../api.js";
import { signIn } from "../signin.js";
import { t } from "../words.js";
import { Icon } from "./icon.js";

export const failure = signal(null);
const leaving = signal(false);

async function leave() {
    leaving.value = true;
    failure.value = null;
    try {
        await signIn();
    } catch (error) {
        failure.value = error.message;
        leaving.value = false;
    }
}

export const SignIn = () => html`
    <section class="card signin">
        <h1 tabindex="-1">${t("sign.in")}</h1>
        ${session.value.auth === "jwt"
            ? html`
                <p>${t("sign.why")}</p>
                ${failure.value && html`<p class="trouble" role="alert"><${Icon} name="octagon-alert" /><span>${t("sign.failed", { why: failure.value })}</span></p>`}
                <button type="button" aria-busy=${leaving.value} onClick=${leave}><${Icon} name="log-in" />${t("sign.in")}</button>`
            : session.value.auth === "iam"
                ? html`<p>${t("sign.iam")}</p><p>${t("sign.iam.cli")} <code>crm-export status --stack NAME</code></p>`
                : html`<p>${t("sign.loopback")}</p>`}
    </section>`;
