// Which page is shown: the address decides, links are followed without a reload, and a page may ask before it is left.
import { signal } from "./html.js";

// {page, id, query, visit} of the address. A link or the browser's buttons make another visit, a filter does not.
export const place = signal(null);
// A page with unsaved work sets this to a function that answers (later) whether it may be left.
let guard = null;
export const guardWith = (ask) => { guard = ask; };

const PAGES = { "/settings/crm": "settings", "/jobs": "jobs", "/errors": "errors", "/rejections": "rejections" };
let visits = 0;
let shown = "";
place.value = read();

// The page of the address as it is now.
export function read() {
    const path = location.pathname.replace(/\/+$/, "");
    const query = new URLSearchParams(location.search);
    const visit = visits;
    shown = location.pathname + location.search;
    const error = path.match(/^\/errors\/([^/]+)$/);
    if (error) return { page: "error", id: decoded(error[1]), query, visit };
    return { page: PAGES[path] ?? "settings", id: null, query, visit };
}

// A hand may type what is no encoding; the API then says that there is no such error.
function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

export async function go(address) {
    if (guard && !(await guard())) return;
    guard = null;
    history.pushState(null, "", address);
    visits += 1;
    place.value = read();
    scrollTo(0, 0);
}

// The same page with another query (filters): no entry in the history for each letter typed.
export function restate(query) {
    const text = query.toString();
    history.replaceState(null, "", location.pathname + (text ? `?${text}` : ""));
    place.value = read();
}

// Follows links of ours; everything else (new tab, download, other origins) is the browser's.
export function follow(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href, location.href);
    if (url.origin !== location.origin || link.hasAttribute("download") || link.target || url.pathname.startsWith("/api/")) return;
    if (url.hash && url.pathname === location.pathname) return;
    event.preventDefault();
    go(url.pathname + url.search);
}

export function listen() {
    addEventListener("click", follow);
    addEventListener("popstate", async () => {
        const here = place.value;
        // A jump within the page (the skip link) is no visit.
        if (location.pathname + location.search === shown) return;
        if (guard && !(await guard())) {
            history.pushState(null, "", address(here));
            return;
        }
        guard = null;
        visits += 1;
        place.value = read();
    });
    addEventListener("beforeunload", (event) => { if (guard?.unsaved?.()) event.preventDefault(); });
}

function address({ page, id, query }) {
    const path = page === "error" ? `/errors/${encodeURIComponent(id)}` : Object.keys(PAGES).find((path) => PAGES[path] === page);
    const text = query.toString();
    return text ? `${path}?${text}` : path;
}
