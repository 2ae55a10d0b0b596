// What surrounds every page: the bar with the pages, the account, language and colours; the main part; notices and questions.
import { html, signal } from "../html.js";
import { session, token } from "../api.js";
import { place } from "../router.js";
import { signOut } from "../signin.js";
import { kept } from "../store.js";
import { choose, language, languages, t } from "../words.js";
import { Dialog } from "./dialog.js";
import { Icon } from "./icon.js";
import { Notices } from "./notice.js";

const PAGES = [["jobs", "/jobs"], ["errors", "/errors"], ["rejections", "/rejections"], ["settings", "/settings/crm"]];
// The command line shows the same.
const COMMANDS = {
    jobs: () => "status", errors: () => "errors", error: ({ id }) => `reproduce ${id}`, rejections: () => "status", settings: () => "settings",
};
const THEMES = { system: "monitor", light: "sun", dark: "moon" };
const theme = signal(kept.get("theme") ?? "system");

function paint(next) {
    theme.value = next;
    kept.set("theme", next === "system" ? null : next);
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    dispatchEvent(new Event("repaint"));
}

const Bar = () => html`
    <header class="bar">
        <a class="skip" href="#main">${t("skip.to.content")}</a>
        <a class="brand" href="/jobs"><img src="/assets/icon.svg" alt="" width="26" height="26" /><span>crm-export</span></a>
        <nav aria-label=${t("nav")}>
            <ul>
                ${PAGES.map(([name, address]) => {
                    const here = place.value.page === name || (name === "errors" && place.value.page === "error");
                    return html`<li><a href=${address} aria-current=${here ? "page" : undefined}>${t(`${name}.nav`)}</a></li>`;
                })}
            </ul>
        </nav>
        <div class="tools">
            ${session.value?.account && html`<span class="account"><span class="quiet">${t("account")}</span> ${session.value.account}</span>`}
            <label class="tool" title=${t("language")}>
                <${Icon} name="languages" /><span class="hidden">${t("language")}</span>
                <select value=${language.value} onChange=${(event) => choose(event.currentTarget.value)}>
                    ${Object.entries(languages).map(([code, name]) => html`<option value=${code} lang=${code} selected=${code === language.value}>${name}</option>`)}
                </select>
            </label>
            <label class="tool" title=${t("theme")}>
                <${Icon} name=${THEMES[theme.value] ?? "monitor"} /><span class="hidden">${t("theme")}</span>
                <select value=${theme.value} onChange=${(event) => paint(event.currentTarget.value)}>
                    ${Object.keys(THEMES).map((name) => html`<option value=${name} selected=${name === theme.value}>${t(`theme.${name}`)}</option>`)}
                </select>
            </label>
            ${token.value && html`<button type="button" class="bare" onClick=${signOut}><${Icon} name="log-out" />${t("sign.out")}</button>`}
        </div>
    </header>`;

export const Frame = ({ children }) => html`
    <${Bar} />
    <main id="main" tabindex="-1">${children}</main>
    <footer class="foot"><p>${t("foot")} <code>crm-export ${COMMANDS[place.value.page](place.value)}</code></p></footer>
    <${Notices} />
    <${Dialog} />`;

// A page's head: where it is, its title (which takes the focus when the page changes), what it is for, what one can do.
export const Head = ({ crumbs = [], title, children, actions }) => html`
    <div class="head">
        ${crumbs.length > 0 && html`
            <nav class="crumbs" aria-label=${t("breadcrumb")}>
                <ol>${crumbs.map(([words, address]) => html`<li>${address ? html`<a href=${address}>${words}</a>` : words}</li>`)}</ol>
            </nav>`}
        <div class="title"><h1 tabindex="-1">${title}</h1>${actions && html`<div class="actions">${actions}</div>`}</div>
        ${children && html`<p class="lead">${children}</p>`}
    </div>`;
