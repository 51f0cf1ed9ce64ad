"""Where an input and the output of its name differ: in parts that are computed, or in the shape that comes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN

from local_provider.properties import Plain, Properties
from tests.engine.simulated.vendor import Part, Vendor


@dataclass(frozen=True)
class Shapes:
    vendor: Vendor

    def given(self, type_token: str, values: Plain) -> Plain:
        """Of a state as of inputs, so that the two can be compared."""
        within, back = self._within(type_token), self._back(type_token)
        told = {name: _without(within.get(name, ()), value) for name, value in values.items()}
        return {name: back[name](value) if name in back else value for name, value in told.items()}

    def made(self, type_token: str, inputs: Properties, computed: Properties) -> Properties:
        """The outputs that inputs become."""
        back = {name: value for name, value in computed.items() if name in self._back(type_token)}
        return {**inputs, **self._joined(type_token, inputs, computed), **back}

    def foreseen(self, type_token: str, inputs: Properties, before: Properties) -> Properties:
        """What a preview knows of them: nothing where the shape is another one."""
        unknown = {
            name: PropertyValue({part: PropertyValue(UNKNOWN) for part in parts})
            for name, parts in self._within(type_token).items()
        }
        told = {name: value for name, value in inputs.items() if name not in self._back(type_token)}
        return {**told, **self._joined(type_token, inputs, {**unknown, **before})}

    def _joined(self, type_token: str, inputs: Properties, outputs: Properties) -> Properties:
        """Inputs with the parts of them that are computed."""
        return {
            name: PropertyValue({**_parts(inputs[name]), **_only(names, _parts(outputs[name]))}, inputs[name].is_secret)
            for name, names in self._within(type_token).items()
            if name in inputs and name in outputs
        }

    def _within(self, type_token: str) -> Mapping[str, Collection[str]]:
        return self.vendor.computed_within.get(type_token, {})

    def _back(self, type_token: str) -> Mapping[str, Part]:
        return self.vendor.read_back.get(type_token, {})


def _without(computed: Collection[str], value: Any) -> Any:  # noqa: ANN401 JSON
    if not computed or not isinstance(value, dict):
        return value
    return {part: found for part, found in value.items() if part not in computed}


def _parts(value: PropertyValue) -> Properties:
    return dict(value.value) if isinstance(value.value, Mapping) else {}


def _only(names: Collection[str], values: Properties) -> Properties:
    return {name: value for name, value in values.items() if name in names}
