"""A folder of objects."""

from __future__ import annotations

from local_provider import files
from local_provider.declarations import Declared
from local_provider.properties import Plain
from local_provider.resource import Place
from local_runtime import declarations


class Bucket(Declared):
    """Its folder is `<home>/buckets/<name>`; without `retain` the objects go with it."""

    def __init__(self) -> None:
        super().__init__(declarations.Bucket)

    def create(self, inputs: Plain) -> Plain:
        place = Place.of(self.name, inputs)
        files.make_folder(place.home.buckets / place.name)
        return super().create(inputs)

    def read(self, place: Place, state: Plain) -> Plain | None:
        return super().read(place, state) if (place.home.buckets / place.name).is_dir() else None

    def delete(self, state: Plain) -> None:
        place = Place.of(self.name, state)
        folder = place.home.buckets / place.name
        if state["retain"]:
            files.remove_empty(folder, home=place.home.root)
        else:
            files.remove_tree(folder, home=place.home.root)
        super().delete(state)
