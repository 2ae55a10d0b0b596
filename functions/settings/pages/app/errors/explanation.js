// Why the record is refused: what `crm-export reproduce` says, as a tree that opens and closes with the keyboard.
import { html, signal } from "../html.js";
import { get } from "../api.js";
import { place } from "../router.js";
import { Icon } from "../parts/icon.js";
import { Loading, wordsOf } from "../parts/trouble.js";
import { t } from "../words.js";

// How deep the tree is open at first.
const OPEN_DEPTH = 4;
const found = signal(null);
const problem = signal(null);
const loading = signal(false);

export function forget() {
    found.value = null;
    problem.value = null;
}

export async function explain(id) {
    loading.value = true;
    problem.value = null;
    try {
        const { data } = await get(`/api/errors/${encodeURIComponent(id)}/explanation`);
        if (place.value.id === id) found.value = data;
    } catch (failed) {
        problem.value = failed;
    } finally {
        loading.value = false;
    }
}

// A value as the CRM's formulas write it: text in quotes.
function shown({ state, value, type }) {
    if (state === "not-needed") return t("tree.notNeeded");
    if (state === "unknown") return t("tree.unknown", { why: value ?? "" });
    if (state === "error") return t("tree.error", { why: value ?? "" });
    if (value === null || value === undefined) return "null";
    return ["text", "picklist", "id", "reference", "email", "url", "phone", "textarea"].includes(type) ? JSON.stringify(value) : value;
}

const kindOf = ({ state, value, type }) => (state !== "value" ? "open" : type === "boolean" ? `is-${value}` : "is-value");

const Line = ({ part }) => html`<code class="part">${part.text.replace(/\s+/g, " ")}</code><code class="value ${kindOf(part)}">${shown(part)}</code>`;

// A literal says nothing that its expression does not say.
const worthIt = (part) => part.parts.length > 0 || part.field !== null;

const Part = ({ part, depth }) => {
    const parts = part.parts.filter(worthIt);
    if (parts.length === 0) return html`<li><div class="leaf"><${Line} part=${part} /></div></li>`;
    return html`
        <li><details open=${depth < OPEN_DEPTH}>
            <summary><${Line} part=${part} /></summary>
            <ul>${parts.map((inner) => html`<${Part} part=${inner} depth=${depth + 1} />`)}</ul>
        </details></li>`;
};

const KINDS = ["validation", "flow", "workflow", "lookup-filter", "duplicate", "plugin"];

const Rule = ({ refusal }) => {
    const { rule, line, tree } = refusal;
    return html`
        <article class="rule">
            <p class="refused"><${Icon} name="circle-x" /><span>${t(`kind.${KINDS.includes(rule.kind) ? rule.kind : "rule"}`)} <strong>${rule.name}</strong></span></p>
            <p class="file"><code>${rule.file}${line ? `:${line}` : ""}</code></p>
            <p>${refusal.message}</p>
            ${tree && html`<ul class="tree" aria-label=${t("tree.label", { rule: rule.name })}><${Part} part=${tree} depth=${0} /></ul>`}
        </article>`;
};

const Flow = ({ flow }) => html`
    <details class="flow">
        <summary>${t("flow.ran", { flow: flow.flow })}</summary>
        <ol>${flow.steps.map((step) => html`<li><strong>${step.element}</strong> <span class="quiet">${step.kind}</span> <code>${step.detail}</code></li>`)}</ol>
    </details>`;

const Unknown = ({ unknown }) => html`
    <details class="unknown">
        <summary>${t("unknown.title", { count: unknown.length })}</summary>
        <ul>${unknown.map(({ rule, reason }) => html`<li><strong>${rule.name}</strong> ${reason}<br /><code class="file">${rule.file}</code></li>`)}</ul>
    </details>`;

function verdict({ refused, agrees }) {
    if (!refused) return t(agrees === null ? "verdict.accepted" : "verdict.notHere");
    return t(agrees === null ? "verdict.refused" : agrees ? "verdict.same" : "verdict.other");
}

const Found = ({ said }) => {
    // What no rule refused: rights, types, picklists.
    const plain = said.errors.filter((error) => error.rule === null);
    return html`
        <p class="verdict ${said.agrees ? "same" : ""}"><${Icon} name=${said.agrees ? "circle-check" : "info"} /><span>${verdict(said)}</span></p>
        ${said.explained.map((refusal) => html`<${Rule} refusal=${refusal} />`)}
        ${plain.map((error) => html`<article class="rule"><p class="refused"><${Icon} name="circle-x" /><span><code>${error.code}</code></span></p><p>${error.message}</p></article>`)}
        ${said.rights.length > 0 && html`<ul class="rights">${said.rights.map((right) => html`<li><${Icon} name="wrench" /><span>${right}</span></li>`)}</ul>`}
        ${said.flows.map((flow) => html`<${Flow} flow=${flow} />`)}
        ${said.unknown.length > 0 && html`<${Unknown} unknown=${said.unknown} />`}`;
};

const toggle = (open) => (event) => event.currentTarget.closest("section").querySelectorAll(".tree details").forEach((part) => { part.open = open; });

export const Explanation = ({ again }) => html`
    <section class="card explanation" aria-labelledby="why" aria-busy=${loading.value}>
        <div class="card-head">
            <h2 id="why">${t("explanation")}</h2>
            ${found.value?.explained.some((refusal) => refusal.tree) && html`
                <button type="button" class="bare" onClick=${toggle(true)}>${t("tree.expand")}</button>
                <button type="button" class="bare" onClick=${toggle(false)}>${t("tree.collapse")}</button>`}
        </div>
        ${!found.value && loading.value && html`<${Loading} />`}
        ${problem.value && html`<p class="quiet">${problem.value.status === 404 ? (problem.value.detail || t("explanation.none")) : wordsOf(problem.value)}
            ${problem.value.status !== 404 && html` <button type="button" class="bare" onClick=${again}>${t("again")}</button>`}</p>`}
        ${found.value && html`<${Found} said=${found.value} />`}
    </section>`;
