"""The JSON Schema of a stack file, for editors: Pulumi's own keys are left alone, ours are checked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from components.settings import duration_text
from components.stackfile import NAMESPACE
from components.system_settings import SystemSettings


class _Schema(GenerateJsonSchema):
    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401 as pydantic declares it
        return duration_text(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def stack_file_schema() -> dict[str, Any]:
    """`config` holds our settings, each under its namespaced key; an unknown one of ours is an error."""
    model = SystemSettings.model_json_schema(schema_generator=_Schema)
    settings = {f"{NAMESPACE}:{name}": schema for name, schema in model["properties"].items()}
    known = "|".join(model["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack file of an order-processing system",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": _editor_words(settings),
                "patternProperties": {f"^{NAMESPACE}:(?!(?:{known})$)": False},
                "required": [f"{NAMESPACE}:target"],
            }
        },
        "required": ["config"],
        "$defs": _editor_words(model["$defs"]),
    }


def _editor_words(schema: Any) -> Any:  # noqa: ANN401 JSON
    """Without the words that only our own error messages use."""
    if isinstance(schema, dict):
        return {name: _editor_words(part) for name, part in schema.items() if name not in ("x-allowed", "x-fix")}
    return [_editor_words(part) for part in schema] if isinstance(schema, list) else schema
