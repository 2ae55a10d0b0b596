// jsforce, unpatched, against the sandbox over plain HTTP. Run by node's own test runner.
// Environment: SANDBOX_URL (http://127.0.0.1:port). The org is the sample.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

const jsforce = createRequire(process.env.NODE_CLIENT + "/")("jsforce");
const url = process.env.SANDBOX_URL;
const connect = () => new jsforce.Connection({ instanceUrl: url, accessToken: "00Dsandbox!token", version: "64.0" });

test("signs in by SOAP and by OAuth", async () => {
    const soap = new jsforce.Connection({ loginUrl: url, version: "64.0" });
    const user = await soap.login("bot@example.com", "secret");
    assert.match(user.id, /^005/);
    const oauth = new jsforce.Connection({ oauth2: { loginUrl: url, clientId: "a", clientSecret: "b" }, version: "64.0" });
    await oauth.authorize({ grant_type: "client_credentials" });
    assert.equal((await oauth.query("SELECT COUNT() FROM Account WHERE Ext__c = 'none'")).totalSize, 0);
});

test("creates, reads, updates, upserts and deletes", async () => {
    const conn = connect();
    const made = await conn.sobject("Account").create({ Name: "Acme", Ext__c: "js-1" });
    assert.equal(made.success, true);
    assert.equal((await conn.sobject("Account").retrieve(made.id)).Name, "Acme");
    assert.equal((await conn.sobject("Account").update({ Id: made.id, Tier__c: "Gold" })).success, true);
    const upserted = await conn.sobject("Account").upsert({ Ext__c: "js-1", Name: "Acme 2" }, "Ext__c");
    assert.equal(upserted.success, true);
    const found = await conn.query("SELECT Name, Tier__c FROM Account WHERE Ext__c = 'js-1'");
    assert.deepEqual([found.records[0].Name, found.records[0].Tier__c], ["Acme 2", "Gold"]);
    assert.equal((await conn.sobject("Account").destroy(made.id)).success, true);
});

test("sees the sandbox's errors as its own", async () => {
    const conn = connect();
    await assert.rejects(conn.sobject("Account").create({ Ext__c: "js-2" }), {
        errorCode: "REQUIRED_FIELD_MISSING",
        message: "Required fields are missing: [Name]",
    });
    await assert.rejects(conn.query("SELECT Nope__c FROM Account"), { errorCode: "INVALID_FIELD" });
    await assert.rejects(conn.query("SELECT Id FROM Nope__c"), { errorCode: "INVALID_TYPE" });
});

test("upserts many, with partial success", async () => {
    const conn = connect();
    const rows = Array.from({ length: 250 }, (_, n) => ({ Ext__c: `js-m${n}`, Name: `Many ${n}` }));
    rows[240].Name = "x".repeat(256);
    const results = await conn.sobject("Account").upsert(rows, "Ext__c", { allowRecursive: true });
    assert.equal(results.filter((result) => result.success).length, 249);
    assert.equal(results[240].errors[0].statusCode, "STRING_TOO_LONG");
});

test("describes", async () => {
    const conn = connect();
    const global = await conn.describeGlobal();
    assert.ok(global.sobjects.some((object) => object.name === "Touchpoint__c"));
    const described = await conn.sobject("Touchpoint__c").describe();
    const contact = described.fields.find((field) => field.name === "Contact__c");
    assert.deepEqual([contact.type, contact.referenceTo, contact.nillable], ["reference", ["Contact"], false]);
});

test("bulk-loads and bulk-queries", async () => {
    const conn = connect();
    conn.bulk2.pollInterval = 50;
    conn.bulk2.pollTimeout = 20000;
    const input = Array.from({ length: 20 }, (_, n) => ({ Ext__c: `js-b${n}`, Name: `Bulk ${n}`, Tier__c: n === 3 ? "Wood" : "Gold" }));
    const results = await conn.bulk2.loadAndWaitForResults({
        object: "Account", operation: "upsert", externalIdFieldName: "Ext__c", input,
    });
    assert.deepEqual([results.successfulResults.length, results.failedResults.length], [19, 1]);
    assert.match(results.failedResults[0].sf__Error, /^INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:/);
    const stream = await conn.bulk2.query("SELECT Ext__c FROM Account WHERE Ext__c LIKE 'js-b%'");
    assert.equal((await stream.toArray()).length, 19);
});
