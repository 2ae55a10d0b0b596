// The settings being edited: what is stored, what the person changed, and saving under the version that was read.
import { computed, signal } from "../html.js";
import { get, put } from "../api.js";
import { carried } from "../store.js";

export const stored = signal(null);
export const draft = signal(null);
export const warnings = signal([]);
export const problem = signal(null);
export const conflict = signal(false);
export const saving = signal(false);
// The warning was accepted for this draft.
export const accepted = signal(false);
let version = null;

// Members that the person changed, as the API takes them.
export const changes = computed(() => {
    const changed = {};
    for (const [name, value] of Object.entries(draft.value ?? {})) {
        if (value !== stored.value?.[name]) changed[name] = value;
    }
    // The pause can be set only while export is on.
    if (!draft.value?.exportToCrm) delete changed.pauseOnExportErrors;
    return changed;
});
export const unsaved = computed(() => Object.keys(changes.value).length > 0);

export async function load() {
    problem.value = null;
    conflict.value = false;
    try {
        take(await get("/api/settings"));
        const kept = carried.get("draft");
        if (kept) change(JSON.parse(kept));
        carried.set("draft", null);
    } catch (failed) {
        problem.value = failed;
    }
}

function take({ data, etag }) {
    const { warnings: told = [], ...settings } = data;
    version = etag;
    stored.value = settings;
    draft.value = { ...settings };
    warnings.value = told;
    accepted.value = false;
}

export function change(some) {
    draft.value = { ...draft.value, ...some };
    if (draft.value.pauseOnExportErrors) accepted.value = false;
}

export function discard() {
    draft.value = { ...stored.value };
    accepted.value = false;
    problem.value = null;
}

// Saves; answers "saved", "warning" (the API wants the warning accepted) or "failed" (`problem` or `conflict` says why).
export async function save() {
    saving.value = true;
    problem.value = null;
    const body = { ...changes.value };
    if (accepted.value) body.acceptDataInconsistency = true;
    try {
        await put("/api/settings", body, { "If-Match": version });
        take(await get("/api/settings"));
        return "saved";
    } catch (failed) {
        // Whatever failed, what was typed is kept: over a sign-in too.
        if (failed.status === 401) carried.set("draft", JSON.stringify(changes.value));
        if (failed.status === 412) conflict.value = true;
        else if (failed.status === 409 && failed.type.endsWith("data-inconsistency") && !accepted.value) return "warning";
        else problem.value = failed;
        return "failed";
    } finally {
        saving.value = false;
    }
}
