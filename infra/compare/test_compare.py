"""The comparison finds what it must find: each planted difference is one more, at its place.

    SAM_TEMPLATE=infra/template.yaml CDK_TEMPLATE=infra/cdk/cdk.out/crm-export.template.json \\
        python -m unittest discover -s infra/compare
"""
import copy
import json
import os
import unittest
from pathlib import Path

import sam
from compare import compare

SAM = sam.expand(Path(os.environ["SAM_TEMPLATE"]))
CDK = json.loads(Path(os.environ["CDK_TEMPLATE"]).read_text())


def put(value, *path):
    """A change that sets a member."""
    def change(template):
        for step in path[:-1]:
            template = template[step]
        assert template.get(path[-1]) != value if isinstance(template, dict) else template[path[-1]] != value
        template[path[-1]] = value
    return change


def remove(*path):
    """A change that removes a member or an item."""
    def change(template):
        for step in path[:-1]:
            template = template[step]
        del template[path[-1]]
    return change


def of(resource: str, *path):
    return ("Resources", resource, "Properties", *path)


STATEMENTS = of("ExportRole", "Policies", 0, "PolicyDocument", "Statement")
PLANTED = {
    "a resource is gone": (remove("Resources", "AgeAlarm"), "/Resources/AgeAlarm"),
    "a type differs": (put("AWS::SNS::Topic", "Resources", "Queue", "Type"), "/Resources/Queue/Type"),
    "a number differs": (put(301, *of("Export", "Timeout")), "/Resources/Export/Properties/Timeout"),
    "a flag is gone": (remove(*of("Queue", "FifoQueue")), "/Resources/Queue/Properties/FifoQueue"),
    "a reference goes elsewhere": (
        put({"Fn::GetAtt": ["DeadLetters", "Arn"]}, *of("ExportRecords", "EventSourceArn")),
        "/Resources/ExportRecords/Properties/EventSourceArn",
    ),
    "a statement is gone": (remove(*STATEMENTS, 0), "Statement/"),
    "a statement allows all": (put("*", *STATEMENTS, 0, "Resource"), "/Resource"),
    "an action is added": (put("dynamodb:*", *STATEMENTS, 1, "Action"), "/Action"),
    "a variable differs": (
        put("debug", *of("Retry", "Environment", "Variables", "CRM_EXPORT_LOG")),
        "/Resources/Retry/Properties/Environment/Variables/CRM_EXPORT_LOG",
    ),
    "a dashboard differs": (put('{"widgets":[]}', *of("Dashboard", "DashboardBody")), "/Resources/Dashboard/Properties/DashboardBody/widgets"),
    "the table goes with the stack": (remove("Resources", "Ledger", "DeletionPolicy"), "/Resources/Ledger/DeletionPolicy"),
    "a condition is gone": (remove("Resources", "ApiAuthorizer", "Condition"), "/Resources/ApiAuthorizer/Condition"),
    "a condition differs": (put({"Fn::Equals": ["a", "b"]}, "Conditions", "HasJwt"), "/Conditions/HasJwt"),
    "a parameter's default differs": (put("false", "Parameters", "PauseOnExportErrors", "Default"), "/Parameters/PauseOnExportErrors/Default"),
    "an output is gone": (remove("Outputs", "QueueUrl"), "/Outputs/QueueUrl"),
    "a tag is added": (put([{"Key": "a", "Value": "b"}], *of("Bus", "Tags")), "/Resources/Bus/Properties/Tags"),
}


class Compare(unittest.TestCase):
    def test_the_stacks_are_the_same(self):
        self.assertEqual(compare(SAM, CDK), [])

    def test_planted_differences_are_found(self):
        for side in ("SAM", "CDK"):
            for name, (change, place) in PLANTED.items():
                with self.subTest(f"{name}, in {side}"):
                    left, right = copy.deepcopy(SAM), copy.deepcopy(CDK)
                    change(left if side == "SAM" else right)
                    found = compare(left, right)
                    self.assertTrue(found, "nothing found")
                    self.assertTrue(all(place in one[0] for one in found), found)


if __name__ == "__main__":
    unittest.main()
