"""Prints the `export` lines under which `pulumi`, typed by hand, does the same as make: `eval "$(make -s env)"`.

Without a stack it is PATH alone. For the stack `local` it adds where the state is kept and the passphrase of its
secrets, both in .orderly/ and both made once; what the caller has set already is left as it is.
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from install import InstallError, cli_folder

PROJECT = Path(__file__).resolve().parents[2]
LANGUAGE_HOST_FOLDER = Path(__file__).resolve().parent
PASSPHRASE_VARIABLES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")


def main(stack: str = "") -> None:
    try:
        variables = {"PATH": _path(cli_folder()), **_state(stack)}
    except InstallError as error:
        sys.exit(f"pulumi: {error}")
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")


def _path(cli: Path) -> str:
    """The caller's PATH, the virtual environment before it; the CLI, and a language host if it has none, come last."""
    folders = [str(PROJECT / ".venv" / "bin"), *os.environ["PATH"].split(os.pathsep), str(cli)]
    if not _has_language_host(cli, folders):
        folders.append(str(LANGUAGE_HOST_FOLDER))
    return os.pathsep.join(dict.fromkeys(folders))


def _has_language_host(cli: Path, folders: list[str]) -> bool:
    beside = (cli / "pulumi").resolve().parent
    return shutil.which("pulumi-language-python", path=os.pathsep.join([*folders, str(beside)])) is not None


def _state(stack: str) -> dict[str, str]:
    if stack == "local":
        return _local_state()
    if stack and "PULUMI_BACKEND_URL" not in os.environ:
        sys.exit(
            f"stack {stack}: its state must outlive this clone; set PULUMI_BACKEND_URL to where the team keeps it "
            "(s3://bucket, gs://bucket, azblob://container, https://api.pulumi.com) and run this again"
        )
    return {}


def _local_state() -> dict[str, str]:
    folder = PROJECT / ".orderly"
    for private in (folder, folder / "state"):
        private.mkdir(exist_ok=True)
        private.chmod(0o700)
    variables = {}
    if "PULUMI_BACKEND_URL" not in os.environ:
        variables["PULUMI_BACKEND_URL"] = (folder / "state").as_uri()
    if not any(name in os.environ for name in PASSPHRASE_VARIABLES):
        variables["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(_passphrase(folder / "passphrase"))
    return variables


def _passphrase(file: Path) -> Path:
    """A random passphrase that only the owner reads, made once; linked into place, so that no one reads half of it."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent) as new, suppress(FileExistsError):
        new.write(secrets.token_urlsafe(32) + "\n")
        new.flush()
        os.link(new.name, file)
    return file


if __name__ == "__main__":
    main(*sys.argv[1:])
