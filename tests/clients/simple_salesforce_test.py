"""simple-salesforce, unpatched, against the sandbox over TLS.

Environment: SANDBOX_URL (https://127.0.0.1:port), REQUESTS_CA_BUNDLE (the sandbox's certificate). The org is the sample.
"""
import os
import unittest

from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)
from simple_salesforce.login import SalesforceLogin

URL = os.environ["SANDBOX_URL"]


def connect(token="00Dsandbox!token"):
    return Salesforce(session_id=token, instance_url=URL, version="64.0")


class Client(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sf = connect()

    def refused(self, call, code, *fields):
        with self.assertRaises(SalesforceMalformedRequest) as caught:
            call()
        error = caught.exception.content[0]
        self.assertEqual(error["errorCode"], code)
        self.assertEqual(error["fields"], list(fields))
        return error["message"]

    def test_create_read_update_delete(self):
        made = self.sf.Account.create({"Name": "Acme", "Ext__c": "py-1", "Tier__c": "Gold"})
        self.assertTrue(made["success"])
        self.assertEqual(self.sf.Account.get(made["id"])["Tier__c"], "Gold")
        self.assertEqual(self.sf.Account.update(made["id"], {"Tier__c": "Silver"}), 204)
        self.assertEqual(self.sf.Account.get_by_custom_id("Ext__c", "py-1")["Tier__c"], "Silver")
        self.assertEqual(self.sf.Account.delete(made["id"]), 204)
        with self.assertRaises(SalesforceResourceNotFound):
            self.sf.Account.get(made["id"])

    def test_upsert_creates_then_updates(self):
        self.assertEqual(self.sf.Account.upsert("Ext__c/py-2", {"Name": "One"}), 201)
        self.assertIn(self.sf.Account.upsert("Ext__c/py-2", {"Name": "Two"}), (200, 204))
        self.assertEqual(self.sf.query("SELECT Name FROM Account WHERE Ext__c = 'py-2'")["records"][0]["Name"], "Two")

    def test_errors_are_its_own_exceptions(self):
        self.refused(lambda: self.sf.Account.create({"Ext__c": "py-3"}), "REQUIRED_FIELD_MISSING", "Name")
        message = self.refused(
            lambda: self.sf.Account.create({"Ext__c": "py-3", "Name": "x", "Tier__c": "Wood"}),
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Tier__c")
        self.assertEqual(message, "Tier: bad value for restricted picklist field: Wood")
        self.refused(
            lambda: self.sf.Contact.create({"Ext__c": "py-3", "LastName": "x", "Consent__c": True}),
            "INVALID_FIELD_FOR_INSERT_UPDATE", "Consent__c")
        with self.assertRaises(SalesforceExpiredSession):
            connect("nonsense").query("SELECT Id FROM Account")
        with self.assertRaises(SalesforceMalformedRequest):
            self.sf.query("SELECT Nothing__c FROM Account")

    def test_describe_and_limits(self):
        described = {field["name"]: field for field in self.sf.Contact.describe()["fields"]}
        self.assertEqual(described["LastName"]["nillable"], False)
        self.assertEqual(described["Consent__c"]["updateable"], False)
        self.assertEqual(described["Account" "Id"]["referenceTo"], ["Account"])
        self.assertIn("DailyApiRequests", self.sf.limits())
        self.assertIn("api-usage", self.sf.api_usage)

    def test_query_pages_and_parents(self):
        rows = [{"Ext__c": f"py-q{n}", "Name": f"Page {n}"} for n in range(450)]
        for at in range(0, 450, 200):
            part = [dict(row, attributes={"type": "Account"}) for row in rows[at:at + 200]]
            answer = self.sf.restful("composite/sobjects/Account/Ext__c", method="PATCH",
                                     json={"allOrNone": True, "records": part})
            self.assertTrue(all(row["success"] for row in answer))
        self.sf.headers["Sforce-Query-Options"] = "batchSize=200"
        found = self.sf.query_all("SELECT Id, Name FROM Account WHERE Ext__c LIKE 'py-q%' ORDER BY Ext__c")
        self.assertEqual((found["totalSize"], len(found["records"])), (450, 450))
        self.sf.Contact.create({"Ext__c": "py-c", "LastName": "Child", "Account": {"Ext__c": "py-q7"}})
        child = self.sf.query("SELECT LastName, Account.Name FROM Contact WHERE Ext__c = 'py-c'")["records"][0]
        self.assertEqual(child["Account"]["Name"], "Page 7")

    def test_bulk_load(self):
        rows = [{"Ext__c": f"py-b{n}", "Name": f"Bulk {n}", "Tier__c": "Gold"} for n in range(30)]
        rows[12]["Tier__c"] = "Wood"
        results = self.sf.bulk2.Account.upsert(records=rows, external_id_field="Ext__c")
        self.assertEqual((results[0]["numberRecordsTotal"], results[0]["numberRecordsFailed"]), (30, 1))
        failed = self.sf.bulk2.Account.get_failed_records(results[0]["job_id"])
        self.assertIn("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Tier: bad value", failed)
        self.assertEqual(self.sf.query("SELECT COUNT() FROM Account WHERE Ext__c LIKE 'py-b%'")["totalSize"], 29)
        pages = list(self.sf.bulk2.Account.query("SELECT Ext__c FROM Account WHERE Ext__c LIKE 'py-b%'"))
        self.assertEqual(sum(page.strip().count("\n") for page in pages), 29)

    def test_soap_login(self):
        session, instance = SalesforceLogin(
            username="bot@example.com", password="secret", security_token="t",
            scratch_url=URL, sf_version="64.0")
        self.assertTrue(session.startswith("00D"))
        self.assertIn(instance, URL)


if __name__ == "__main__":
    unittest.main()
