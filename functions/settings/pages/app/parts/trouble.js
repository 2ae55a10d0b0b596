// What went wrong, in words that say what to do; and lists with nothing in them.
import { html } from "../html.js";
import { t } from "../words.js";
import { Icon } from "./icon.js";

const KNOWN = [0, 401, 403, 404, 409, 412, 413, 428, 429];

// What a person is told of a refusal: ours for what is known, the API's own words behind it.
export function wordsOf(problem) {
    const status = problem.status;
    if (status === undefined) return t("trouble.ours", { what: problem.message });
    if (KNOWN.includes(status)) return t(`trouble.${status}`, { detail: problem.detail });
    const detail = problem.detail || problem.title || `HTTP ${status}`;
    return status >= 500 ? t("trouble.500", { detail }) : detail;
}

export const Trouble = ({ problem, again }) => html`
    <div class="trouble" role="alert">
        <${Icon} name="octagon-alert" />
        <div>
            <p><strong>${t(problem.status === 0 ? "trouble.noAnswer" : "trouble.title")}</strong></p>
            <p>${wordsOf(problem)}</p>
            ${again && html`<button type="button" class="secondary small" onClick=${again}><${Icon} name="refresh-cw" />${t("again")}</button>`}
        </div>
    </div>`;

export const Empty = ({ icon, title, children }) => html`
    <div class="empty"><${Icon} name=${icon} /><h2>${title}</h2><p>${children}</p></div>`;

export const Loading = () => html`<p class="loading" aria-busy="true">${t("loading")}</p>`;
