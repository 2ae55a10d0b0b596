// ExportErrors as the filter of the address asks for them: the list by pages, the causes, the figures.
import { batch, computed, signal } from "../html.js";
import { get, post } from "../api.js";
import { place, restate } from "../router.js";

const PAGE = 25;
export const DAYS = 30;
// The API takes that many ids at once.
export const RETRY_MAX = 500;

export const errors = signal(null);
export const next = signal(null);
export const causes = signal(null);
export const figures = signal(null);
export const objects = signal([]);
export const problem = signal(null);
export const loading = signal(false);
export const chosen = signal(new Set());
// Cursors of the pages before this one.
export const before = signal([]);
let asked = null;

export const filter = computed(() => {
    const { query } = place.value;
    const of = (name) => query.get(name) ?? "";
    return { state: of("state") || "open", object: of("object"), code: of("code"), text: of("text") };
});
export const isFiltered = computed(() => filter.value.object + filter.value.code + filter.value.text !== "");

export function query(extra = {}) {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...filter.value, ...extra })) if (value) parameters.set(name, value);
    return parameters;
}

// Another filter: the address says it, so that it can be shared and is there after a reload.
export function narrow(changed) {
    const parameters = query(changed);
    for (const [name, value] of Object.entries(changed)) if (!value) parameters.delete(name);
    batch(() => {
        restate(parameters);
        before.value = [];
        chosen.value = new Set();
    });
    return load();
}

export async function load(after = null) {
    asked?.abort();
    const mine = (asked = new AbortController());
    loading.value = true;
    try {
        const list = `/api/errors?${query({ after, limit: PAGE })}`;
        const grouped = `/api/errors/causes?${new URLSearchParams({ state: filter.value.state })}`;
        const [page, groups] = await Promise.all([get(list, { signal: mine.signal }), get(grouped, { signal: mine.signal })]);
        batch(() => {
            errors.value = page.data.errors;
            next.value = page.data.next;
            causes.value = groups.data.causes;
            problem.value = null;
            loading.value = false;
        });
    } catch (failed) {
        if (mine.signal.aborted) return;
        batch(() => { problem.value = failed; loading.value = false; });
    }
}

// What does not depend on the filter. The list is whole without it.
export async function loadAround() {
    const quietly = async (path, take) => { try { take((await get(path)).data); } catch { /* the list says what is wrong */ } };
    await Promise.all([
        quietly(`/api/figures?days=${DAYS}`, (data) => { figures.value = data.days; }),
        quietly("/api/jobs", (data) => { objects.value = data.jobs.map((job) => job.object); }),
    ]);
}

export function forward() {
    const after = next.value;
    before.value = [...before.value, after];
    chosen.value = new Set();
    return load(after);
}

export function back() {
    before.value = before.value.slice(0, -1);
    chosen.value = new Set();
    return load(before.value.at(-1) ?? null);
}

export function choose(id, on) {
    const ids = new Set(chosen.value);
    if (on) ids.add(id);
    else ids.delete(id);
    chosen.value = ids;
}

export const chooseAll = (on) => { chosen.value = new Set(on ? (errors.value ?? []).filter((error) => error.state === "open").map((error) => error.id) : []); };

export async function retry(ids) {
    await post("/api/errors/retry", ids ? { ids } : {});
    chosen.value = new Set();
}

// Again after a while: what came of a retry is seen then.
export function soon() {
    for (const wait of [1_000, 3_000]) setTimeout(() => { if (place.value.page === "errors") load(before.value.at(-1) ?? null); }, wait);
}
