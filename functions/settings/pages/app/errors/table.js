// The list: one error in a row; on a phone one under the other.
import { html } from "../html.js";
import { number } from "../format.js";
import { Code, State } from "../parts/state.js";
import { Ago } from "../parts/when.js";
import { t } from "../words.js";
import * as model from "./model.js";

const Row = ({ error }) => {
    const open = error.state === "open";
    const record = `${error.object} ${error.externalId.value}`;
    return html`
        <tr>
            <td class="pick">${open && html`<input type="checkbox" aria-label=${t("errors.pick", { record })} checked=${model.chosen.value.has(error.id)}
                onChange=${(event) => model.choose(error.id, event.currentTarget.checked)} />`}</td>
            <td class="record" data-label=${t("column.record")}><a href="/errors/${encodeURIComponent(error.id)}">${error.externalId.value}</a><span class="quiet">${error.object}</span></td>
            <td class="what" data-label=${t("column.what")}><${Code} code=${error.code} /><span class="message">${error.message}</span></td>
            <td data-label=${t("column.state")}><${State} state=${error.state} /></td>
            <td class="number" data-label=${t("column.tried")}>${number(error.attempts)}</td>
            <td class="time" data-label=${t("column.last")}><${Ago} at=${error.lastFailedAt} /></td>
        </tr>`;
};

export function Table() {
    const errors = model.errors.value;
    const open = errors.filter((error) => error.state === "open");
    const all = open.length > 0 && open.every((error) => model.chosen.value.has(error.id));
    return html`
        <div class="scroll" tabindex="0" role="group" aria-label=${t("errors.list")}>
            <table>
                <thead><tr>
                    <th scope="col" class="pick">${open.length > 0 && html`<input type="checkbox" aria-label=${t("errors.pick.all")} checked=${all} onChange=${(event) => model.chooseAll(event.currentTarget.checked)} />`}</th>
                    <th scope="col">${t("column.record")}</th><th scope="col">${t("column.what")}</th><th scope="col">${t("column.state")}</th>
                    <th scope="col" class="number">${t("column.tried")}</th><th scope="col">${t("column.last")}</th>
                </tr></thead>
                <tbody>${errors.map((error) => html`<${Row} key=${error.id} error=${error} />`)}</tbody>
            </table>
        </div>`;
}
