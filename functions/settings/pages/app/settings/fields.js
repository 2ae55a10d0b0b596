// The fields of the settings that are more than one input.
import { html } from "../html.js";
import { hour, timeZones } from "../format.js";
import { t } from "../words.js";

// A switch with its explanation.
export const Switch = ({ name, checked, onChange }) => html`
    <label class="switch">
        <input type="checkbox" role="switch" name=${name} checked=${checked} aria-describedby="${name}-help" onChange=${onChange} />
        <span><strong>${t(`settings.${name}`)}</strong><small id="${name}-help">${t(`settings.${name}.help`)}</small></span>
    </label>`;

export const Preflight = ({ value, onChange }) => html`
    <section class="card" aria-labelledby="preflight">
        <h2 id="preflight">${t("settings.preflight")}</h2>
        <fieldset class="choices">
            <legend>${t("settings.preflight.help")}</legend>
            ${["off", "report", "enforce"].map((choice) => html`
                <label class="choice">
                    <input type="radio" name="preflight" value=${choice} checked=${value === choice} aria-describedby="preflight-${choice}" onChange=${() => onChange(choice)} />
                    <span><strong>${t(`preflight.${choice}`)}</strong><small id="preflight-${choice}">${t(`preflight.${choice}.help`)}</small></span>
                </label>`)}
        </fieldset>
    </section>`;

export const RetryTime = ({ draft, onChange }) => html`
    <section class="card" aria-labelledby="retry">
        <h2 id="retry">${t("settings.retry")}</h2>
        <div class="pair">
            <label>${t("settings.retryHour")}
                <select onChange=${(event) => onChange({ retryHour: Number(event.currentTarget.value) })} aria-describedby="retry-help">
                    ${Array.from({ length: 24 }, (_, value) => html`<option value=${value} selected=${draft.retryHour === value}>${hour(value)}</option>`)}
                </select>
            </label>
            <label>${t("settings.timeZone")}
                <select onChange=${(event) => onChange({ timeZone: event.currentTarget.value })}>
                    ${timeZones(draft.timeZone).map((zone) => html`<option value=${zone} selected=${draft.timeZone === zone}>${zone.replaceAll("_", " ")}</option>`)}
                </select>
            </label>
        </div>
        <small id="retry-help">${t("settings.retry.help", { hour: hour(draft.retryHour ?? 0), zone: draft.timeZone })}</small>
    </section>`;
