"""Patterns, filters, tags and expressions that AWS parses while a resource is made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.aws.landscape import Landscape

EVENT_OPERATORS = frozenset(
    {"prefix", "suffix", "equals-ignore-case", "anything-but", "numeric", "exists", "cidr", "wildcard"}
)
"""docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html"""
TOPIC_OPERATORS = EVENT_OPERATORS - {"wildcard"}
"""docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html"""
COMPARISONS = frozenset({"=", "<", "<=", ">", ">="})
TAG = re.compile(r"[\w\s.:/=+\-@]*")
LONGEST_TAG_KEY, LONGEST_TAG, MOST_TAGS = 128, 256, 50
LONGEST_TEMPLATE = 8_192


def event_pattern_aws_cannot_read(land: Landscape) -> Iterator[str]:
    for found in land.of("cloudwatch.EventRule", "cloudwatch.EventArchive"):
        if pattern := found.inputs.get("eventPattern"):
            yield from (f"{found.name}: {line}" for line in _problems(pattern, EVENT_OPERATORS, nested=True))


def rule_without_a_pattern_or_schedule(land: Landscape) -> Iterator[str]:
    for rule in land.of("cloudwatch.EventRule"):
        if not rule.inputs.keys() & {"eventPattern", "scheduleExpression"}:
            yield f"{rule.name} has neither a pattern nor a schedule"


def filter_policy_aws_cannot_read(land: Landscape) -> Iterator[str]:
    for found in land.of("sns.TopicSubscription"):
        if policy := found.inputs.get("filterPolicy"):
            nested = found.inputs.get("filterPolicyScope") == "MessageBody"
            yield from (f"{found.name}: {line}" for line in _problems(policy, TOPIC_OPERATORS, nested=nested))


def poller_filter_aws_cannot_read(land: Landscape) -> Iterator[str]:
    for mapping in land.of("lambda.EventSourceMapping"):
        for each in mapping.inputs.get("filterCriteria", {}).get("filters", ()):
            yield from (f"{mapping.name}: {line}" for line in _problems(each["pattern"], EVENT_OPERATORS, nested=True))


def template_that_names_an_unknown_path(land: Landscape) -> Iterator[str]:
    for target in land.of("cloudwatch.EventTarget"):
        transformer = target.inputs.get("inputTransformer", {})
        template, paths = transformer.get("inputTemplate", ""), transformer.get("inputPaths", {})
        for name in sorted(set(re.findall(r"<([\w-]+)>", template)) - paths.keys()):
            yield f"{target.name}: its template has <{name}>, and no path has that name"
        for name in paths:
            if name.startswith("AWS"):
                yield f"{target.name}: {name} begins with AWS, which is reserved"
        if len(template) > LONGEST_TEMPLATE:
            yield f"{target.name}: its template has {len(template)} characters; the limit is {LONGEST_TEMPLATE}"


def cron_aws_cannot_read(land: Landscape) -> Iterator[str]:
    """Six fields, of which the day of the month or the day of the week is `?`."""
    for found in land.of("scheduler.Schedule", "cloudwatch.EventRule"):
        expression = found.inputs.get("scheduleExpression", "")
        if not expression.startswith("cron("):
            continue
        fields = expression.removeprefix("cron(").removesuffix(")").split()
        if len(fields) != 6 or (fields[2] == "?") == (fields[4] == "?"):
            yield f"{found.name}: {expression} needs six fields, and one `?` for a day"


def tags_aws_refuses(land: Landscape) -> Iterator[str]:
    for found in land.graph:
        given = found.inputs.get("tags") or _default_tags(found.inputs)
        if not found.type.startswith(("aws:", "pulumi:providers:aws")) or not given:
            continue
        if len(given) > MOST_TAGS:
            yield f"{found.kind} {found.name} has {len(given)} tags; the limit is {MOST_TAGS}"
        for key, value in given.items():
            if not _is_tag(key, str(value)):
                yield f"{found.kind} {found.name}: tag {key} is not allowed, or its value is not"


def _is_tag(key: str, value: str) -> bool:
    is_right = 0 < len(key) <= LONGEST_TAG_KEY and len(value) <= LONGEST_TAG and not key.lower().startswith("aws:")
    return is_right and TAG.fullmatch(key) is not None and TAG.fullmatch(value) is not None


def _default_tags(inputs: Any) -> dict[str, str]:  # noqa: ANN401 JSON, which the SDK writes as a text
    written = inputs.get("defaultTags", {})
    found = json.loads(written) if isinstance(written, str) else written
    return dict(found.get("tags", {}))


def _problems(text: str, operators: frozenset[str], *, nested: bool) -> Iterator[str]:
    try:
        pattern = json.loads(text)
    except ValueError:
        yield "its pattern is no JSON"
        return
    if not isinstance(pattern, dict):
        yield "its pattern is no object"
        return
    yield from _of_object(pattern, operators, "", nested=nested)


def _of_object(pattern: dict[str, Any], operators: frozenset[str], path: str, *, nested: bool) -> Iterator[str]:
    for name, value in pattern.items():
        at = f"{path}{name}"
        if name == "$or" and isinstance(value, list):
            for each in value:
                yield from _of_object(each, operators, path, nested=nested)
        elif isinstance(value, dict):
            if nested:
                yield from _of_object(value, operators, f"{at}.", nested=nested)
            else:
                yield f"{at} is an object, which only a filter of message bodies may have"
        elif not isinstance(value, list) or not value:
            yield f"{at} has to be a list of what it may be"
        else:
            yield from (line for each in value for line in _of_choice(each, operators, at))


def _of_choice(choice: Any, operators: frozenset[str], path: str) -> Iterator[str]:  # noqa: ANN401 JSON
    if not isinstance(choice, dict):
        return
    ((operator, operand),) = choice.items() if len(choice) == 1 else (("several", None),)
    if operator not in operators:
        yield f"{path}: {operator} is no operator; there are {', '.join(sorted(operators))}"
    elif operator == "numeric" and not _is_comparison(operand):
        yield f"{path}: {json.dumps(operand)} is no comparison of numbers"
    elif operator == "exists" and not isinstance(operand, bool):
        yield f"{path}: exists is true or false"


def _is_comparison(operand: Any) -> bool:  # noqa: ANN401 JSON
    """One or two pairs of an operator and a number."""
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        return False
    pairs = zip(operand[::2], operand[1::2], strict=True)
    return all(sign in COMPARISONS and isinstance(number, int | float) for sign, number in pairs)


RULES = (
    event_pattern_aws_cannot_read,
    rule_without_a_pattern_or_schedule,
    filter_policy_aws_cannot_read,
    poller_filter_aws_cannot_read,
    template_that_names_an_unknown_path,
    cron_aws_cannot_read,
    tags_aws_refuses,
)
