// Errors by cause, the most frequent first. A click narrows the list to it; another click undoes that.
import { html } from "../html.js";
import { number } from "../format.js";
import { Ago } from "../parts/when.js";
import { t } from "../words.js";
import * as model from "./model.js";

const SHOWN = 6;

const Cause = ({ cause }) => {
    const { object, code } = model.filter.value;
    const on = object === cause.object && code === cause.code;
    const pick = () => model.narrow(on ? { object: "", code: "" } : { object: cause.object, code: cause.code });
    return html`
        <li>
            <button type="button" class="cause" aria-pressed=${on} onClick=${pick}>
                <span class="count">${number(cause.count)}</span>
                <span class="words">
                    <span class="name"><strong>${cause.object}</strong> <code>${cause.code}</code></span>
                    <span class="message">${cause.message}</span>
                    <span class="quiet">${t("causes.last")} <${Ago} at=${cause.lastFailedAt} /></span>
                </span>
            </button>
        </li>`;
};

export function Causes() {
    const causes = [...(model.causes.value ?? [])].sort((a, b) => b.count - a.count);
    return html`
        <section class="card causes" aria-labelledby="causes">
            <h2 id="causes">${t("causes.title")}</h2>
            ${causes.length === 0
                ? html`<p class="quiet">${t("causes.none")}</p>`
                : html`<ul>${causes.slice(0, SHOWN).map((cause) => html`<${Cause} key=${cause.object + cause.code + cause.message} cause=${cause} />`)}</ul>`}
            ${causes.length > SHOWN && html`<p class="quiet">${t("causes.more", { count: causes.length - SHOWN })}</p>`}
        </section>`;
}
