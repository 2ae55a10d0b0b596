// What is known of an export error besides what the CRM said: its place, its record, its history.
import { html } from "../html.js";
import { When } from "../parts/when.js";
import { t } from "../words.js";

const Fact = ({ name, children }) => html`<div><dt>${name}</dt><dd>${children}</dd></div>`;

export const Facts = ({ whole }) => html`
    <section class="card" aria-labelledby="facts">
        <h2 id="facts">${t("error.facts")}</h2>
        <dl class="facts">
            <${Fact} name=${t("fact.job")}><a href="/jobs">CRMExport_${whole.object}</a><//>
            <${Fact} name=${t("fact.externalId")}>${whole.externalId.field} = <strong>${whole.externalId.value}</strong><//>
            ${whole.source && html`<${Fact} name=${t("fact.source")}><code>${whole.source}</code><//>`}
            <${Fact} name=${t("fact.tried")}>${t("tried", { count: whole.attempts })}<//>
            <${Fact} name=${t("fact.first")}><${When} at=${whole.firstFailedAt} /><//>
            <${Fact} name=${t("fact.last")}><${When} at=${whole.lastFailedAt} /><//>
            ${whole.closedAt && html`<${Fact} name=${t(`fact.closed.${whole.state}`)}><${When} at=${whole.closedAt} /><//>`}
            <${Fact} name=${t("fact.position")}>${whole.position}<//>
            <${Fact} name=${t("fact.id")}><code>${whole.id}</code><//>
        </dl>
    </section>`;

// A value as text, whatever is in it: a parent by its external id, a number, null, or somebody's <script>.
const Value = ({ value }) => {
    if (value === null) return html`<span class="quiet">null</span>`;
    if (typeof value !== "object") return html`<span class=${typeof value === "string" ? "text" : "plain"}>${String(value)}</span>`;
    return html`<code>${JSON.stringify(value)}</code>`;
};

export const Fields = ({ record, named }) => {
    const fields = Object.entries(record.fields);
    return html`
        <section class="card" aria-labelledby="fields">
            <h2 id="fields">${t("error.record")}</h2>
            ${record.operation === "delete" && html`<p>${t("error.delete")}</p>`}
            ${fields.length > 0 && html`
                <table class="values">
                    <thead class="hidden"><tr><th scope="col">${t("column.field")}</th><th scope="col">${t("column.value")}</th></tr></thead>
                    <tbody>${fields.map(([name, value]) => html`
                        <tr class=${named.includes(name) ? "named" : ""}><th scope="row"><code>${name}</code></th><td><${Value} value=${value} /></td></tr>`)}
                    </tbody>
                </table>`}
        </section>`;
};

export const History = ({ whole }) => html`
    <section class="card" aria-labelledby="history">
        <h2 id="history">${t("error.history")}</h2>
        <ol class="history">${(whole.history ?? []).map(({ at, what, attempts }) => html`
            <li class=${what}><strong>${t(`history.${what}`, { count: attempts })}</strong><${When} at=${at} /></li>`)}
        </ol>
    </section>`;

export const Nested = ({ nested }) => html`
    <div class="nested">
        <p><strong>${t("nested.title")}</strong></p>
        <dl class="facts">
            ${["automation", "event", "exception", "code", "message"].map((name) => nested[name] && html`<${Fact} name=${t(`nested.${name}`)}>${nested[name]}<//>`)}
            ${nested.fields?.length > 0 && html`<${Fact} name=${t("nested.fields")}>${nested.fields.join(", ")}<//>`}
        </dl>
    </div>`;
