// ExportErrors: search, by cause, by day, and the list with what can be done to it.
import { html, signal } from "../html.js";
import { download } from "../api.js";
import { ask } from "../parts/dialog.js";
import { Head } from "../parts/frame.js";
import { Icon } from "../parts/icon.js";
import { tell } from "../parts/notice.js";
import { Empty, Loading, Trouble, wordsOf } from "../parts/trouble.js";
import { t } from "../words.js";
import { Causes } from "./causes.js";
import { Chart } from "./chart.js";
import { Filters } from "./filters.js";
import * as model from "./model.js";
import { Table } from "./table.js";

const busy = signal(false);

export function enter() {
    model.before.value = [];
    model.chosen.value = new Set();
    model.errors.value = null;
    model.load();
    model.loadAround();
}

async function retry(ids) {
    const all = ids === null;
    if (all && !(await ask({ title: t("errors.retry.all"), icon: "refresh-cw", accept: t("errors.retry.accept"), body: html`<p>${t("errors.retry.all.body")}</p>` }))) return;
    busy.value = true;
    try {
        await model.retry(ids);
        tell(all ? t("errors.retrying.all") : t("errors.retrying", { count: ids.length }), "info");
        model.soon();
    } catch (problem) {
        tell(wordsOf(problem), "bad");
    } finally {
        busy.value = false;
    }
}

async function take(kind) {
    try {
        await download(`/api/errors.${kind}?${model.query()}`, `ExportErrors.${kind}`);
    } catch (problem) {
        tell(wordsOf(problem), "bad");
    }
}

const Downloads = () => html`
    <button type="button" class="secondary" onClick=${() => take("csv")}><${Icon} name="download" />${t("download.csv")}</button>
    <button type="button" class="secondary" onClick=${() => take("ndjson")}><${Icon} name="download" />${t("download.ndjson")}</button>`;

const Chosen = () => {
    const ids = [...model.chosen.value];
    return html`
        <div class="chosen">
            <p role="status">${ids.length > 0 ? t("errors.chosen", { count: ids.length }) : t("errors.choose")}</p>
            <button type="button" class="small" disabled=${ids.length === 0 || busy.value} aria-busy=${busy.value} onClick=${() => retry(ids)}><${Icon} name="refresh-cw" />${t("errors.retry")}</button>
            <button type="button" class="small secondary" disabled=${busy.value} onClick=${() => retry(null)}>${t("errors.retry.all")}</button>
        </div>`;
};

const Pages = () => (model.before.value.length > 0 || model.next.value) && html`
    <nav class="pages" aria-label=${t("pages")}>
        <button type="button" class="secondary small" disabled=${model.before.value.length === 0} onClick=${model.back}><${Icon} name="chevron-left" />${t("pages.back")}</button>
        <span class="quiet">${t("pages.page", { count: model.before.value.length + 1 })}</span>
        <button type="button" class="secondary small" disabled=${!model.next.value} onClick=${model.forward}>${t("pages.forward")}<${Icon} name="chevron-right" /></button>
    </nav>`;

const Nothing = () => model.isFiltered.value
    ? html`<${Empty} icon="search" title=${t("errors.none.filtered")}>${t("errors.none.filtered.do")}<//>`
    : html`<${Empty} icon="circle-check" title=${t("errors.none")}>${t("errors.none.do")}<//>`;

export function View() {
    const { errors, problem, loading, filter } = model;
    return html`
        <${Head} title=${t("errors.title")} actions=${html`<${Downloads} />`}>${t("errors.lead")}<//>
        <div class="around">
            <${Causes} />
            <${Chart} />
        </div>
        <section class="card list" aria-labelledby="list" aria-busy=${loading.value}>
            <h2 id="list" class="hidden">${t("errors.list")}</h2>
            <${Filters} />
            ${problem.value && html`<${Trouble} problem=${problem.value} again=${() => model.load()} />`}
            ${errors.value === null && !problem.value && html`<${Loading} />`}
            ${errors.value?.length === 0 && !problem.value && html`<${Nothing} />`}
            ${errors.value?.length > 0 && html`
                ${filter.value.state !== "resolved" && filter.value.state !== "superseded" && html`<${Chosen} />`}
                <${Table} />
                <${Pages} />`}
        </section>`;
}
