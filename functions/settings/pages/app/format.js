// Numbers and times as the person's language writes them, by Intl. Times are shown in the browser's own zone.
import { locale } from "./words.js";

export const number = (value) => new Intl.NumberFormat(locale.value).format(value ?? 0);

// `23 Nov 2026, 18:20`
export const moment = (at) => new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));

// `23 Nov`, of a UTC day such as `2026-11-23`.
export const day = (utc) =>
    new Intl.DateTimeFormat(locale.value, { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${utc}T00:00:00Z`));

// `03:00` of an hour of the day.
export const hour = (value) =>
    new Intl.DateTimeFormat(locale.value, { hour: "2-digit", minute: "2-digit", timeZone: "UTC" }).format(new Date(Date.UTC(2026, 0, 1, value)));

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];

// `2 hours ago`, `in 5 minutes`.
export function distance(at, now = Date.now()) {
    const seconds = (new Date(at).getTime() - now) / 1000;
    const format = new Intl.RelativeTimeFormat(locale.value, { numeric: "auto" });
    for (const [unit, length] of UNITS) {
        if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit);
    }
    return format.format(Math.trunc(seconds / 10) * 10, "second");
}

// The names of time zones that this browser knows, with UTC and the one that is set.
export function timeZones(current) {
    const known = new Set(["UTC", ...(Intl.supportedValuesOf?.("timeZone") ?? [])]);
    if (current) known.add(current);
    return [...known];
}

// Conjunction of short words: `Cost__c and Tier__c`.
export const list = (words) => new Intl.ListFormat(locale.value, { type: "conjunction" }).format(words);
