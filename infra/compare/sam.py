"""Expands the SAM template as CloudFormation would, offline.

    python infra/compare/sam.py infra/template.yaml > expanded.yaml      for linters that do not look into SAM's own types

It builds nothing: each function's code is a name in a bucket that does not exist.
"""
import logging
import os
import sys
from pathlib import Path

import yaml
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class _NoManagedPolicies:
    """The template names no managed policy, so there is nothing to load."""

    def load(self) -> dict:
        return {}


def expand(path: Path) -> dict:
    """The template after the SAM transform."""
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    template = yaml_parse(path.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": "bucket", "Key": "key"}
        if resource["Type"] == "AWS::CloudFormation::Stack":
            resource["Properties"]["TemplateURL"] = "https://bucket.s3.amazonaws.com/key"
    return transform(template, {}, _NoManagedPolicies())


def dump(template: dict) -> str:
    """As YAML, each node written out."""
    dumper = yaml.SafeDumper
    dumper.ignore_aliases = lambda *_: True
    return yaml.dump(template, Dumper=dumper, sort_keys=False, width=200)


if __name__ == "__main__":
    print(dump(expand(Path(sys.argv[1]))))
