// Light or dark as the person chose, before anything is drawn. Without a choice the system decides (CSS alone).
// A classic script on purpose: a module would run after the first paint.
try {
    const chosen = localStorage.getItem("crm-export.theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
    // Storage may be forbidden: the system decides.
}
