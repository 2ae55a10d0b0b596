"""Checks the schemas and the sample events against each other.

    python infra/compare/schemas.py infra

Each sample must fit its schema, each planted mistake must not, and the registry's contents must be the files in
schemas/events. Exit 1 when something is wrong.
"""
import copy
import json
import sys
from pathlib import Path

import yaml
from jsonschema.validators import validator_for

CALLS = {
    "sqs-batch.json", "schedule-resume.json", "schedule-daily.json", "api-get-settings.json", "api-put-settings.json",
    "work-resume.json", "work-skip.json", "work-retry.json",
}
PERSON = {"cause": "person"}
# What export and retry take from the bus, and what they refuse.
GOOD_WORK = [
    {**PERSON, "action": "resume"},
    {**PERSON, "action": "retry"},
    {**PERSON, "action": "retry", "errors": ["a", "b"]},
]
BAD_WORK = [
    {"action": "resume"},
    {**PERSON, "action": "delete"},
    {**PERSON, "action": "skip"},
    {**PERSON, "action": "skip", "job": "acme/Contact"},
    {**PERSON, "action": "resume", "job": "acme"},
    {**PERSON, "action": "resume", "errors": ["a"]},
    {**PERSON, "action": "retry", "job": "acme/Contact"},
    {**PERSON, "action": "retry", "errors": []},
    {**PERSON, "action": "retry", "errors": ["a"] * 501},
]
RECORD = {"externalId": {"field": "Ext__c", "value": "1"}, "fields": {"Name": "x"}}
# What functions/domain/src/record.rs and message.rs take, and what they refuse.
GOOD_RECORDS = [
    {**RECORD, "object": "Contact", "source": None},
    {**RECORD, "externalId": {"field": "Ext__c", "value": 42}},
    {**RECORD, "operation": "UPSERT"},
    {"externalId": RECORD["externalId"], "operation": "delete"},
    {**RECORD, "fields": {"A": {"B": {"C": {}}}}},
    {**RECORD, "fields": {"A": {"B": [1]}, "N": None}},
]
BAD_RECORDS = [
    [],
    {"fields": {}},
    {"externalId": RECORD["externalId"]},
    {**RECORD, "externalId": {"field": "E", "value": " "}},
    {**RECORD, "externalId": {"field": "1E", "value": "1"}},
    {**RECORD, "externalId": {"field": "E", "value": "1", "type": "x"}},
    {**RECORD, "operation": "insert"},
    {**RECORD, "operation": None},
    {**RECORD, "fields": {"A": [1]}},
    {**RECORD, "fields": {"A": {"B": {"C": {"D": {}}}}}},
    {**RECORD, "fields": {"a-b": 1}},
    {**RECORD, "fields": None},
    {**RECORD, "source": 7},
    {**RECORD, "field": {}},
]
GOOD_MESSAGE = {"account": "acme", "object": "Contact", "records": []}
BAD_MESSAGES = [
    7,
    {},
    {"account": "a", "object": "Contact"},
    {**GOOD_MESSAGE, "account": "a/b"},
    {**GOOD_MESSAGE, "account": "a" * 65},
    {**GOOD_MESSAGE, "object": "1bad"},
    {**GOOD_MESSAGE, "records": {}},
]


class Check:
    """Counts what was checked and keeps what was wrong."""

    def __init__(self) -> None:
        self.checked, self.wrong = 0, []

    def that(self, holds: bool, what: str) -> None:
        self.checked += 1
        if not holds:
            self.wrong.append(what)


def load(path: Path):
    return json.loads(path.read_text())


def validator(path: Path):
    schema = load(path)
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def messages(check: Check, root: Path) -> None:
    schema = validator(root / "schemas/message.json")
    samples = [load(root / "events/message.json"), GOOD_MESSAGE]
    for one in load(root / "events/sqs-batch.json")["Records"]:
        if "not JSON" not in one["body"]:
            samples.append(json.loads(one["body"]))
    samples += [{**GOOD_MESSAGE, "records": [record]} for record in GOOD_RECORDS]
    for sample in samples:
        check.that(schema.is_valid(sample), f"message.json refuses {json.dumps(sample)}")
    bad = BAD_MESSAGES + [{**GOOD_MESSAGE, "records": [record]} for record in BAD_RECORDS]
    for sample in bad:
        check.that(not schema.is_valid(sample), f"message.json takes {json.dumps(sample)}")


def events(check: Check, root: Path) -> None:
    schemas = {path.stem: path for path in (root / "schemas/events").glob("*.json")}
    samples = {path.stem: load(path) for path in (root / "events/bus").glob("*.json")}
    check.that(schemas.keys() == samples.keys() and len(schemas) >= 6, f"{schemas.keys()} have samples {samples.keys()}")
    for name, path in schemas.items():
        schema = validator(path)
        for other, sample in samples.items():
            check.that(schema.is_valid(sample) == (name == other), f"{name} and the sample of {other}")
        for member in samples[name]["detail"]:
            lacking = copy.deepcopy(samples[name])
            del lacking["detail"][member]
            check.that(not schema.is_valid(lacking), f"{name} without {member}")
    registry = yaml.safe_load((root / "schemas/registry.yaml").read_text().replace("!Ref ", "").replace("!GetAtt ", ""))
    contents = {
        body["Properties"]["SchemaName"].split("@")[1]: json.loads(body["Properties"]["Content"])
        for body in registry["Resources"].values()
        if body["Type"] == "AWS::EventSchemas::Schema"
    }
    check.that(contents == {name: load(path) for name, path in schemas.items()}, "registry.yaml differs from schemas/events")


def work(check: Check, root: Path) -> None:
    """The samples that the functions are called with are details of the event."""
    schema = validator(root / "schemas/events/WorkRequested.json")
    envelope = load(root / "events/bus/WorkRequested.json")
    calls = [load(root / f"events/work-{action}.json") for action in ("resume", "skip", "retry")]
    for detail in calls + GOOD_WORK:
        check.that(schema.is_valid({**envelope, "detail": detail}), f"WorkRequested refuses {json.dumps(detail)}")
    for detail in BAD_WORK:
        check.that(not schema.is_valid({**envelope, "detail": detail}), f"WorkRequested takes {json.dumps(detail)[:80]}")


def main(root: Path) -> int:
    check = Check()
    messages(check, root)
    events(check, root)
    work(check, root)
    for name in sorted(CALLS):
        check.that(isinstance(load(root / "events" / name), dict), name)
    print("\n".join([*check.wrong, f"{check.checked} checks, {len(check.wrong)} wrong"]))
    return 1 if check.wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
