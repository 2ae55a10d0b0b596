// States of jobs and errors: an icon and a word, so that colour is never alone.
import { html } from "../html.js";
import { t } from "../words.js";
import { Icon } from "./icon.js";

const ICONS = {
    running: "circle-check", draining: "circle-play", paused: "circle-pause", suspended: "hourglass",
    open: "circle-x", resolved: "circle-check", superseded: "chevron-right",
};

export const State = ({ state }) => html`
    <span class="state ${state}"><${Icon} name=${ICONS[state] ?? "info"} />${t(`state.${state}`)}</span>`;

// A code of the product, with the CRM's own when it is another one.
export const Code = ({ code, crmCode }) => html`
    <span class="codes"><code>${code}</code>${crmCode && crmCode !== code ? html` <span class="quiet">${t("crm.code")} <code>${crmCode}</code></span>` : null}</span>`;
