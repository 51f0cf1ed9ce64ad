"""The key pair that the local system's tokens are signed with; the private half stays in its folder."""

from __future__ import annotations

import json

import msgspec
from pulumi.runtime.rpc import UNKNOWN

from local_provider import files
from local_provider.errors import LocalError
from local_provider.properties import Plain
from local_provider.resource import Kind, Place
from local_runtime import issuer
from local_runtime.declarations import Declaration
from local_runtime.errors import RunTimeError

AUDIENCE = "orderly"


class Issuer(Kind):
    """A key pair that is there is kept, so that tokens stay valid; `key_id` names it."""

    name = "issuer"
    struct: type[msgspec.Struct] = Declaration
    reuses_place = True

    def preview(self, inputs: Plain, state: Plain | None) -> Plain:
        if state is None:
            return {**_names(inputs), "digest": UNKNOWN, "key_id": UNKNOWN}
        return self._outputs(inputs, state["key_id"])

    def create(self, inputs: Plain) -> Plain:
        names, place = _names(inputs), Place.of(self.name, inputs)
        files.make_folder(place.home.issuer)
        try:
            issuer.ensure(place.home.issuer, issuer=names["issuer"], audience=names["audience"])
        except (RunTimeError, ValueError) as error:
            raise LocalError(f"{place.home.issuer}: {error}") from None
        return self._outputs(inputs, _key_id(place))

    def read(self, place: Place, state: Plain) -> Plain | None:
        inputs = {"home": str(place.home.root), "name": place.name}
        if not (place.home.issuer / issuer.PRIVATE_KEY).exists():
            return None
        try:
            names = json.loads((place.home.issuer / issuer.NAMES).read_bytes())
            found = {**inputs, **self._outputs(inputs, _key_id(place))}
        except (OSError, ValueError, LookupError):
            return None
        return found if names.items() <= found.items() else None

    def update(self, state: Plain, inputs: Plain) -> Plain:
        return self.create(inputs)

    def delete(self, state: Plain) -> None:
        place = Place.of(self.name, state)
        for name in (issuer.PRIVATE_KEY, issuer.PUBLIC_KEYS, issuer.NAMES):
            files.remove(place.home.issuer / name, home=place.home.root)

    def _outputs(self, inputs: Plain, key_id: str) -> Plain:
        digest = self.digest({**inputs, "key_id": key_id})
        return {**_names(inputs), "digest": digest, "key_id": key_id}


def _names(inputs: Plain) -> Plain:
    keys = Place.of(Issuer.name, inputs).home.issuer / issuer.PUBLIC_KEYS
    return {"issuer": f"urn:orderly:{inputs['name']}", "audience": AUDIENCE, "jwks_path": str(keys)}


def _key_id(place: Place) -> str:
    key_id: str = json.loads((place.home.issuer / issuer.PUBLIC_KEYS).read_bytes())["keys"][0]["kid"]
    return key_id
