"""Compares the stack that SAM deploys with the one that the CDK deploys, resource by resource.

    python infra/compare/compare.py infra/template.yaml infra/cdk/cdk.out/crm-export.template.json

Prints each difference with its place; exit 1 when there is one.
"""
import json
import sys
from pathlib import Path

import normal
import sam


def differences(left, right, place: str = ""):
    """Yields (place, left, right) for each leaf that differs."""
    if isinstance(left, dict) and isinstance(right, dict):
        for name in sorted(left.keys() | right.keys()):
            yield from differences(left.get(name, "nothing"), right.get(name, "nothing"), f"{place}/{name}")
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for at, (one, other) in enumerate(zip(left, right)):
            yield from differences(one, other, f"{place}/{at}")
    elif left != right:
        yield place, left, right


def by_sid(value):
    """Statements by their name instead of their place, so that one that is missing shows as one difference."""
    if isinstance(value, dict):
        value = {name: by_sid(member) for name, member in value.items()}
        statements = value.get("Statement")
        if isinstance(statements, list) and all("Sid" in one for one in statements):
            assert len({one["Sid"] for one in statements}) == len(statements), "a Sid is there twice"
            value["Statement"] = {one["Sid"]: one for one in statements}
        return value
    return [by_sid(item) for item in value] if isinstance(value, list) else value


def compare(sam_template: dict, cdk_template: dict) -> list:
    """Every difference between the two, as (place, SAM, CDK)."""
    return list(differences(by_sid(normal.template(sam_template)), by_sid(normal.template(cdk_template))))


def main(sam_path: str, cdk_path: str) -> int:
    left, right = sam.expand(Path(sam_path)), json.loads(Path(cdk_path).read_text())
    found = compare(left, right)
    for place, one, other in found:
        print(f"{place}\n  SAM {json.dumps(one)}\n  CDK {json.dumps(other)}")
    print(f"{len(left['Resources'])} resources in SAM, {len(right['Resources'])} in CDK, {len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
