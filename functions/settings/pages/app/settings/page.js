// My Account > Settings > CRM > General: the switches of the reference product, and ours beside them.
import { html, signal } from "../html.js";
import { get, session } from "../api.js";
import { ask } from "../parts/dialog.js";
import { Head } from "../parts/frame.js";
import { Icon } from "../parts/icon.js";
import { tell } from "../parts/notice.js";
import { Loading, Trouble } from "../parts/trouble.js";
import { guardWith } from "../router.js";
import { t } from "../words.js";
import { Preflight, RetryTime, Switch } from "./fields.js";
import * as model from "./model.js";

const BATCH_SIZES = [200, 100, 50, 25];
// CRM calls of the current UTC day, or null while not known.
const calls = signal(null);

export function enter() {
    model.stored.value = null;
    model.load();
    count();
    const leave = async () => !model.unsaved.value || (await ask({
        title: t("settings.leave"), body: t("settings.leave.body"), accept: t("settings.leave.accept"), cancel: t("settings.leave.cancel"), danger: true,
    }));
    leave.unsaved = () => model.unsaved.value;
    guardWith(leave);
}

async function count() {
    try {
        const { data } = await get("/api/figures?days=1");
        calls.value = data.days.at(-1)?.calls ?? 0;
    } catch {
        // A figure beside a field: the page is whole without it.
        calls.value = null;
    }
}

async function turnPause(event) {
    const on = event.currentTarget.checked;
    if (on) return model.change({ pauseOnExportErrors: true });
    // It stays on until the warning is accepted.
    event.currentTarget.checked = true;
    if (await askForPause()) model.change({ pauseOnExportErrors: false });
}

async function askForPause() {
    const { warning } = session.value;
    const yes = await ask({
        title: t("pause.dialog"), icon: "triangle-alert", accept: t("pause.dialog.accept"), cancel: t("pause.dialog.cancel"), danger: true,
        body: html`<p>${t("pause.warning", { warning })}</p>`,
    });
    if (yes) model.accepted.value = true;
    return yes;
}

async function save(event) {
    event?.preventDefault();
    const result = await model.save();
    if (result === "saved") tell(t("settings.saved"));
    else if (result === "warning" && (await askForPause())) await save();
}

const General = ({ draft }) => html`
    <section class="card" aria-labelledby="general">
        <h2 id="general">${t("settings.export")}</h2>
        <${Switch} name="exportToCrm" checked=${draft.exportToCrm} onChange=${(event) => model.change({ exportToCrm: event.currentTarget.checked })} />
        ${!draft.exportToCrm && html`<p class="aside"><${Icon} name="info" /><span>${t("settings.exportToCrm.off")}</span></p>`}
        ${draft.exportToCrm && draft.pauseOnExportErrors !== undefined && html`
            <${Switch} name="pauseOnExportErrors" checked=${draft.pauseOnExportErrors} onChange=${turnPause} />
            ${!draft.pauseOnExportErrors && html`<p class="aside warn"><${Icon} name="triangle-alert" /><span>${t("settings.pauseOnExportErrors.off")}</span></p>`}`}
    </section>`;

const Calls = ({ draft }) => html`
    <section class="card" aria-labelledby="calls">
        <h2 id="calls">${t("settings.calls")}</h2>
        <div class="pair">
            <label>${t("settings.batchSize")}
                <select aria-describedby="batchSize-help" onChange=${(event) => model.change({ batchSize: Number(event.currentTarget.value) })}>
                    ${BATCH_SIZES.map((size) => html`<option value=${size} selected=${draft.batchSize === size}>${t("settings.batchSize.value", { count: size })}</option>`)}
                </select>
                <small id="batchSize-help">${t("settings.batchSize.help")}</small>
            </label>
            <label>${t("settings.dailyCrmApiLimit")}
                <input type="number" inputmode="numeric" min="1" step="1" required value=${draft.dailyCrmApiLimit} aria-describedby="limit-help"
                    onInput=${(event) => event.currentTarget.validity.valid && model.change({ dailyCrmApiLimit: event.currentTarget.valueAsNumber })} />
                <small id="limit-help">${t("settings.dailyCrmApiLimit.help")}${calls.value !== null && html` ${t("settings.calls.today", { count: calls.value })}`}</small>
            </label>
        </div>
    </section>`;

const Save = () => html`
    <div class="save ${model.unsaved.value ? "ready" : ""}">
        <p class="quiet" role="status">${model.unsaved.value ? t("settings.unsaved", { count: Object.keys(model.changes.value).length }) : t("settings.same")}</p>
        <button type="button" class="secondary" disabled=${!model.unsaved.value || model.saving.value} onClick=${model.discard}>${t("settings.discard")}</button>
        <button type="submit" disabled=${!model.unsaved.value} aria-busy=${model.saving.value}>${t("settings.save")}</button>
    </div>`;

const Conflict = () => html`
    <div class="trouble" role="alert"><${Icon} name="octagon-alert" /><div>
        <p><strong>${t("settings.conflict")}</strong></p><p>${t("settings.conflict.body")}</p>
        <button type="button" class="secondary small" onClick=${model.load}><${Icon} name="refresh-cw" />${t("settings.reload")}</button>
    </div></div>`;

const Warnings = () => html`
    <div class="trouble warn" role="alert"><${Icon} name="triangle-alert" /><div>
        <p><strong>${t("settings.damaged")}</strong></p>
        <ul>${model.warnings.value.map((warning) => html`<li>${warning}</li>`)}</ul>
        <p>${t("settings.damaged.do")}</p>
    </div></div>`;

export function View() {
    const draft = model.draft.value;
    const ready = model.stored.value !== null && draft !== null;
    return html`
        <div class="narrow">
            <${Head} title=${t("settings.title")} crumbs=${[[t("crumb.account")], [t("crumb.settings")], [t("crumb.crm")], [t("crumb.general")]]}>${t("settings.lead")}<//>
            ${model.problem.value && html`<${Trouble} problem=${model.problem.value} again=${ready ? null : model.load} />`}
            ${model.conflict.value && html`<${Conflict} />`}
            ${!ready && !model.problem.value && html`<${Loading} />`}
            ${ready && html`
                ${model.warnings.value.length > 0 && html`<${Warnings} />`}
                <form onSubmit=${save}>
                    <${General} draft=${draft} />
                    <${Calls} draft=${draft} />
                    <${Preflight} value=${draft.preflight} onChange=${(preflight) => model.change({ preflight })} />
                    <${RetryTime} draft=${draft} onChange=${model.change} />
                    <${Save} />
                </form>`}
        </div>`;
}
