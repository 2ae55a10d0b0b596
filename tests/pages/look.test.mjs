// Every page, light, dark and on a phone, in English and French: sound for axe-core, and a picture for a person to look at.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { settled, shot, sound, Stage } from "./stage.mjs";

const FORMS = {
    light: { colorScheme: "light" },
    dark: { colorScheme: "dark" },
    phone: { colorScheme: "light", viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};
let stage;
let pages;
before(async () => {
    stage = await Stage.open(["1-accounts.ndjson", "2-contacts.ndjson", "3-touchpoints.ndjson"]);
    const { errors } = await stage.api("/api/errors?object=Touchpoint__c");
    pages = { settings: "/settings/crm", jobs: "/jobs", errors: "/errors", error: `/errors/${errors[0].id}`, rejections: "/rejections" };
});
after(() => stage?.close());

for (const [form, options] of Object.entries(FORMS)) {
    test(`every page, ${form}`, async () => {
        for (const [name, path] of Object.entries(pages)) {
            const page = await stage.page(path, options);
            await shot(page, `${name}-${form}`);
            await sound(page, `${name}, ${form}`);
            await page.context().close();
        }
    });
}

test("every page in French, by the browser's language", async () => {
    const titles = { settings: "Paramètres du CRM", jobs: "Tâches", errors: "ExportErrors", error: "Touchpoint__c", rejections: "Rejets" };
    for (const [name, path] of Object.entries(pages)) {
        const page = await stage.page(path, { locale: "fr-FR" });
        assert.ok((await page.getByRole("heading", { level: 1 }).textContent()).startsWith(titles[name]), name);
        assert.equal(await page.evaluate(() => document.documentElement.lang), "fr");
        await shot(page, `${name}-french`);
        await sound(page, `${name} in French`);
        await page.context().close();
    }
});

test("a person's language and colours stay", async () => {
    const page = await stage.page("/jobs");
    await page.getByLabel("Language").selectOption("fr");
    await page.getByRole("heading", { level: 1, name: "Tâches" }).waitFor();
    await page.getByLabel("Couleurs").selectOption("dark");
    await page.reload();
    await settled(page);
    assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), "Tâches");
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(14, 20, 27)");
    await sound(page, "French and dark by choice");
});

test("the keyboard alone reaches everything", async () => {
    const page = await stage.page("/jobs");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    const wanted = await page.locator("main").locator("a[href], button:enabled").count();
    const reached = new Set();
    for (let at = 0; at < wanted; at += 1) {
        await page.keyboard.press("Tab");
        reached.add(await page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent));
        const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
        assert.notEqual(ring, "none", "the focus is seen");
    }
    assert.ok(reached.has("Resume: CRMExport_Contact") && reached.has("Skip…: CRMExport_Contact"), [...reached].join(", "));
});

test("an API that is down is told, and the page recovers", async () => {
    const page = await stage.page("/jobs", { allowed: [/ERR_FAILED/, /Failed to load/] });
    await page.route("**/api/jobs", (route) => route.abort());
    await page.getByText("crm-export does not answer").waitFor();
    await sound(page, "the board without an API");
    await page.unroute("**/api/jobs");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("crm-export does not answer").waitFor({ state: "detached" });
});
