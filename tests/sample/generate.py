#!/usr/bin/env python3
"""Writes the sample's records. Run it to make them anew; the same bytes come out every time.

Four records are refused by the org beside it, for four causes that `mend.patch` mends:
  Contact C-0805    carries Consent__c, which the export user may not edit (permission)
  Contact C-1100    has Segment__c = Partner, which the restricted picklist lacks (data)
  Touchpoint T-0085 is a refund of an account that is not Gold (validation rule Refunds_For_Gold)
  Touchpoint T-1500 has a Landing_Page__c of more than 120 characters (data)
"""
import json
import pathlib

HERE = pathlib.Path(__file__).parent
FIRST = ["Ada", "Ben", "Chloé", "Dmitri", "Elif", "Farid", "Grace", "Hana", "Ivo", "Jürgen"]
LAST = ["Okafor", "Müller", "Tanaka", "Silva", "O'Neill", "Novák", "Larsen", "Rossi", "Nguyễn", "Haddad"]
CITY = ["Oslo", "Lyon", "Porto", "Graz", "Leeds", "Turku", "Bergen"]
TIER = ["Bronze", "Silver", "Gold"]
SEGMENT = ["Enterprise", "Mid-Market", "Small Business"]
CHANNEL = ["Web Direct", "Paid Search", "Email", "Events", "Social"]


def write(name, object_name, rows):
    with open(HERE / name, "w", encoding="utf-8") as file:
        for key, fields in rows:
            line = {"object": object_name, "externalId": {"field": "Ext__c", "value": key}, "fields": fields}
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def accounts():
    for n in range(1, 301):
        yield f"A-{n:04}", {"Name": f"{LAST[n % 10]} & Sons {n}", "BillingCity": CITY[n % 7], "Tier__c": TIER[n % 3],
                            "NumberOfEmployees": 5 + n * 3}


def contacts():
    for n in range(1, 1201):
        fields = {"FirstName": FIRST[n % 10], "LastName": LAST[n // 10 % 10], "Email": f"person{n}@example.com",
                  "Segment__c": SEGMENT[n % 3], "Score__c": n % 1000 / 10, "Account": {"Ext__c": f"A-{n % 300 + 1:04}"}}
        if n == 805:
            fields["Consent__c"] = True
        if n == 1100:
            fields["Segment__c"] = "Partner"
        yield f"C-{n:04}", fields


def touchpoints():
    for n in range(1, 1801):
        page = f"https://www.example.com/campaigns/{n % 40}"
        if n == 1500:
            page += "?utm_source=newsletter&utm_medium=email&utm_campaign=spring-launch-of-the-very-long-product-name"
        cost = -21.25 if n == 85 else n % 500 / 4
        yield f"T-{n:04}", {"Contact__r": {"Ext__c": f"C-{n * 7 % 1200 + 1:04}"}, "Channel__c": CHANNEL[n % 5],
                            "Touched_At__c": f"2026-10-{n % 28 + 1:02}T{n % 24:02}:{n % 60:02}:00.000Z",
                            "Cost__c": cost, "Landing_Page__c": page}


write("1-accounts.ndjson", "Account", accounts())
write("2-contacts.ndjson", "Contact", contacts())
write("3-touchpoints.ndjson", "Touchpoint__c", touchpoints())
with open(HERE / "more-accounts.csv", "w", encoding="utf-8") as file:
    file.write("Ext__c,Name,BillingCity,Tier__c,NumberOfEmployees\n")
    for n in range(301, 321):
        file.write(f'A-{n:04},"{LAST[n % 10]}, {LAST[n % 7]} and Partners",{CITY[n % 7]},{TIER[n % 3]},{n}\n')
