"""Brings a CloudFormation template into a form in which only what means something differs.

References become text (`${Queue.Arn}`) whichever function wrote them, policies become sorted statements, JSON in text
becomes JSON. What a tool adds for itself (metadata, code locations, SAM's own tag) goes.
"""
import json
import re

# What the two tools put there by themselves, and what differs with every build.
DROPPED = {
    "AWS::Lambda::Function": {"Code"},
    "AWS::CloudFormation::Stack": {"TemplateURL"},
}
# What holds when nothing is written.
DEFAULTS = {"AWS::Lambda::EventInvokeConfig": {"DestinationConfig": {}}}
# Lists whose order means nothing.
SETS = {"Action", "Resource", "AttributeDefinitions", "Queues", "AllowedValues"}
JSON_TEXT = {"DashboardBody", "Input", "SecretStringTemplate", "Format"}


def template(raw: dict) -> dict:
    """Parameters, rules, conditions, resources and outputs in normal form."""
    sections = {name: _value(raw.get(name, {})) for name in ("Parameters", "Rules", "Conditions", "Outputs")}
    resources = {name: _resource(body) for name, body in raw["Resources"].items() if body["Type"] != "AWS::CDK::Metadata"}
    return {"Description": raw.get("Description"), **sections, "Resources": resources}


def _resource(body: dict) -> dict:
    kind = body["Type"]
    properties = _value(body.get("Properties", {}))
    for name in DROPPED.get(kind, ()):
        properties.pop(name, None)
    for name, default in DEFAULTS.get(kind, {}).items():
        if properties.get(name) == default:
            del properties[name]
    tags = [tag for tag in properties.pop("Tags", []) if tag != {"Key": "lambda:createdBy", "Value": "SAM"}]
    if tags:
        properties["Tags"] = tags
    kept = {name: _value(body[name]) for name in ("Condition", "DeletionPolicy", "UpdateReplacePolicy") if name in body}
    return {"Type": kind, **kept, "Properties": properties}


def _value(value, key: str = ""):
    if isinstance(value, dict):
        text = _reference(value)
        if text is None:
            return {name: _value(member, name) for name, member in value.items() if member is not None}
        return _text(text, key)
    if isinstance(value, list):
        items = [_value(item) for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True)) if key in SETS else items
    if isinstance(value, (bool, int, float)):
        return _scalar(value)
    return _text(value, key) if isinstance(value, str) else value


def _scalar(value) -> str:
    """CloudFormation takes `true` and `"true"`, `5` and `"5"` for the same."""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _text(text: str, key: str):
    if key in JSON_TEXT:
        # A reference in JSON stands in quotes, whichever way it was written.
        return _value(json.loads(text))
    return text


def _reference(value: dict):
    """Ref, GetAtt, Sub and Join as one text with `${...}`; None for any other object."""
    if len(value) != 1:
        return None
    (name, argument), = value.items()
    if name == "Ref":
        return f"${{{argument}}}"
    if name == "Fn::GetAtt":
        return f"${{{argument if isinstance(argument, str) else '.'.join(argument)}}}"
    if name == "Fn::Sub" and isinstance(argument, str):
        return re.sub(r"\$\{([^!}]+)\}", r"${\1}", argument)
    if name == "Fn::Join":
        separator, items = argument
        parts = [item if isinstance(item, str) else _reference(item) for item in items]
        return None if None in parts else separator.join(parts)
    return None
