// Results told politely: shown in a corner and read by screen readers. A failure stays until it is closed.
import { html, signal } from "../html.js";
import { t } from "../words.js";
import { Icon } from "./icon.js";

const SHOWN_MS = 8_000;
const notices = signal([]);
let last = 0;

export function tell(text, kind = "good") {
    const id = ++last;
    notices.value = [...notices.value.slice(-2), { id, text, kind }];
    if (kind !== "bad") setTimeout(() => close(id), SHOWN_MS);
}

function close(id) {
    notices.value = notices.value.filter((notice) => notice.id !== id);
}

const ICONS = { good: "circle-check", info: "info", bad: "octagon-alert" };

// Drawn once, in the frame: a live region must be there before something is said in it.
export const Notices = () => html`
    <div class="notices" role="status" aria-live="polite">
        ${notices.value.map(({ id, text, kind }) => html`
            <p key=${id} class="notice ${kind}">
                <${Icon} name=${ICONS[kind]} /><span>${text}</span>
                <button type="button" class="bare" aria-label=${t("close")} onClick=${() => close(id)}><${Icon} name="x" /></button>
            </p>`)}
    </div>`;
