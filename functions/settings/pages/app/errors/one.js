// One export error: what the CRM said, why (reproduced with the org's rules), the record, what happened, and what to do.
import { html, signal } from "../html.js";
import { get, post, session } from "../api.js";
import { toMend } from "../advice.js";
import { Head } from "../parts/frame.js";
import { Icon } from "../parts/icon.js";
import { tell } from "../parts/notice.js";
import { Code, State } from "../parts/state.js";
import { Loading, Trouble, wordsOf } from "../parts/trouble.js";
import { place } from "../router.js";
import { t } from "../words.js";
import { Explanation, explain, forget } from "./explanation.js";
import { Facts, Fields, History, Nested } from "./facts.js";

const error = signal(null);
const problem = signal(null);
const busy = signal(false);

export function enter({ id }) {
    error.value = null;
    forget();
    load(id);
    if (session.value.features?.explain) explain(id);
}

async function load(id) {
    problem.value = null;
    try {
        const { data } = await get(`/api/errors/${encodeURIComponent(id)}`);
        // The person may have gone on meanwhile.
        if (place.value.id === id) error.value = data;
    } catch (failed) {
        problem.value = failed;
    }
}

async function retry() {
    const { id } = error.value;
    busy.value = true;
    try {
        await post("/api/errors/retry", { ids: [id] });
        tell(t("errors.retrying", { count: 1 }), "info");
        for (const wait of [1_000, 3_000]) setTimeout(() => { if (place.value.id === id) load(id); }, wait);
    } catch (failed) {
        tell(wordsOf(failed), "bad");
    } finally {
        busy.value = false;
    }
}

const Said = ({ whole }) => html`
    <section class="card" aria-labelledby="said">
        <h2 id="said">${t("error.said")}</h2>
        ${whole.errors.map((crm) => html`
            <blockquote class="said">
                <${Code} code=${crm.code} />
                <p>${crm.message}</p>
                ${crm.fields.length > 0 && html`<p class="quiet">${t("error.fields")} ${crm.fields.map((field) => html`<code>${field}</code> `)}</p>`}
                ${crm.foretoldBy && html`<p class="aside"><${Icon} name="info" /><span>${t("foretold", { rule: crm.foretoldBy })}</span></p>`}
                ${crm.nested && html`<${Nested} nested=${crm.nested} />`}
            </blockquote>`)}
        ${whole.record.problem && html`<p class="aside warn"><${Icon} name="triangle-alert" /><span>${t("error.incomplete")} ${whole.record.problem}</span></p>`}
        ${whole.state === "open" && html`<p class="todo"><${Icon} name="wrench" /><span><strong>${t("todo")}</strong> ${toMend(whole, whole.object)} ${t("todo.retry")}</span></p>`}
    </section>`;

const Whole = ({ whole }) => html`
    <div class="columns">
        <div>
            <${Said} whole=${whole} />
            ${session.value.features?.explain && html`<${Explanation} again=${() => explain(whole.id)} />`}
            <${Fields} record=${whole.record} named=${whole.errors.flatMap((crm) => crm.fields)} />
        </div>
        <div>
            <${Facts} whole=${whole} />
            <${History} whole=${whole} />
        </div>
    </div>`;

export function View() {
    const whole = error.value;
    const actions = whole?.state === "open" && html`
        <button type="button" aria-busy=${busy.value} disabled=${busy.value} onClick=${retry}><${Icon} name="refresh-cw" />${t("error.retry")}</button>`;
    return html`
        <${Head} title=${whole ? html`${whole.object} <span class="id">${whole.externalId.value}</span>` : t("error.title", { id: place.value.id })} actions=${actions}
            crumbs=${[[t("errors.nav"), "/errors"], [place.value.id]]}>
            ${whole && html`<${State} state=${whole.state} /> <${Code} code=${whole.code} crmCode=${whole.crmCode} />`}
        <//>
        ${problem.value && html`<${Trouble} problem=${problem.value} again=${problem.value.status === 404 ? null : () => load(place.value.id)} />`}
        ${!whole && !problem.value && html`<${Loading} />`}
        ${whole && html`<${Whole} whole=${whole} />`}`;
}
