// The pages' language: the person's choice, else the browser's, else English. Words are in words/en.js and words/fr.js.
//
//   t("jobs.waiting", { count: 3 })   counts choose the plural form by Intl.PluralRules; {count} is put in grouped
import { computed, signal } from "./html.js";
import { kept } from "./store.js";
import en from "./words/en.js";
import fr from "./words/fr.js";

const dictionaries = { en, fr };
export const languages = { en: "English", fr: "Français" };

export const language = signal(first());

// The language with the region that the browser names for it: `en-GB` writes dates otherwise than `en-US`.
export const locale = computed(() => (navigator.languages ?? []).find((code) => code.slice(0, 2).toLowerCase() === language.value) ?? language.value);

export function choose(code) {
    kept.set("language", code);
    language.value = code;
}

// A word of the pages. An unknown name is shown as it is: a missing word is a bug that must be seen.
export function t(name, values = {}) {
    const found = dictionaries[language.value][name] ?? en[name] ?? name;
    return filled(typeof found === "string" ? found : plural(found, values.count), values);
}

export const has = (name) => name in en;

function plural(forms, count) {
    const form = new Intl.PluralRules(language.value).select(count ?? 0);
    return forms[form] ?? forms.other;
}

function filled(text, values) {
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
        const value = values[name];
        if (value === undefined || value === null) return whole;
        return typeof value === "number" ? new Intl.NumberFormat(locale.value).format(value) : String(value);
    });
}

function first() {
    const wanted = [kept.get("language"), ...(navigator.languages ?? [navigator.language])];
    for (const code of wanted) {
        const base = String(code ?? "").slice(0, 2).toLowerCase();
        if (base in dictionaries) return base;
    }
    return "en";
}
