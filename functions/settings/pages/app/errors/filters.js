// The filter of ExportErrors. What is typed is searched for after a short rest.
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { t } from "../words.js";
import * as model from "./model.js";

const REST_MS = 300;
let typing = 0;

function type(event) {
    const text = event.currentTarget.value.trim();
    clearTimeout(typing);
    typing = setTimeout(() => model.narrow({ text }), REST_MS);
}

const unique = (words) => [...new Set(words)].filter(Boolean).sort();

const Choice = ({ name, value, options, words = (option) => option, all }) => html`
    <label>${t(`filter.${name}`)}
        <select onChange=${(event) => model.narrow({ [name]: event.currentTarget.value })}>
            ${all && html`<option value="" selected=${value === ""}>${all}</option>`}
            ${options.map((option) => html`<option value=${option} selected=${option === value}>${words(option)}</option>`)}
        </select>
    </label>`;

export function Filters() {
    const { state, object, code, text } = model.filter.value;
    const causes = model.causes.value ?? [];
    const objects = unique([object, ...model.objects.value, ...causes.map((cause) => cause.object)]);
    const codes = unique([code, ...causes.filter((cause) => !object || cause.object === object).map((cause) => cause.code)]);
    return html`
        <search><form class="filters" aria-label=${t("filter")} onSubmit=${(event) => event.preventDefault()}>
            <label class="search">${t("filter.text")}
                <input type="search" value=${text} placeholder=${t("filter.text.placeholder")} onInput=${type} />
            </label>
            <${Choice} name="state" value=${state} options=${["open", "resolved", "superseded", "all"]} words=${(option) => t(`state.${option}`)} />
            <${Choice} name="object" value=${object} options=${objects} all=${t("filter.object.all")} />
            <${Choice} name="code" value=${code} options=${codes} all=${t("filter.code.all")} />
            ${model.isFiltered.value && html`<button type="button" class="secondary small clear" onClick=${() => model.narrow({ object: "", code: "", text: "" })}><${Icon} name="x" />${t("filter.clear")}</button>`}
        </form></search>`;
}
